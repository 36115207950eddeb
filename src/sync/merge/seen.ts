import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../../config/repo.ts'
import { isSystemError } from '../../errors.ts'
import type { Link } from '../../store/chain.ts'
import { writeFileAtomic } from '../../store/durable.ts'
import type { SeenFiles, Validators } from '../../store/looks.ts'
import { keyFileIds } from '../trust/keyring.ts'

/** The repomd.xml files that an index was made of, by the URLs of their repositories. */
export type Seen = Readonly<Record<string, SeenUpstream>>

/** One of them: what vouched for it, and its signature where one was asked for. */
export type SeenUpstream = { sha256: string; validators: Validators; link: Link; files: SeenFiles }

/** Raised whenever the same upstreams would be merged in another way. */
const form = 2

/** What an index was made of; nothing where it was made by other settings. */
export function readSeen(index: string, repo: Repo): Seen {
  try {
    const { settings, seen } = JSON.parse(readFileSync(fileIn(index), 'utf8')) as { settings: unknown; seen: Seen }
    return JSON.stringify(settings) === JSON.stringify(settingsOf(repo)) ? seen : {}
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || error instanceof SyntaxError) return {}
    throw error
  }
}

export function writeSeen(index: string, repo: Repo, seen: Seen): void {
  writeFileAtomic(fileIn(index), JSON.stringify({ settings: settingsOf(repo), seen }))
}

function settingsOf({ merge, duplicates, ...repo }: Repo): unknown[] {
  const { trust, repoGpgcheck, gpgkey, fingerprints } = repo
  return [form, merge, duplicates === 'first', trust, repoGpgcheck, gpgkey, fingerprints, keyFileIds(gpgkey)]
}

function fileIn(index: string): string {
  return join(index, '.merged.json')
}
