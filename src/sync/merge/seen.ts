import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../../config/repo.ts'
import { isSystemError } from '../../errors.ts'
import { writeFileAtomic } from '../../store/durable.ts'
import type { Validators } from '../../store/looks.ts'

/** The repomd.xml files that an index was made of, by the URLs of their repositories. */
export type Seen = Readonly<Record<string, { sha256: string; validators: Validators }>>

/** Raised whenever the same upstreams would be merged in another way. */
const form = 1

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

function settingsOf({ merge, duplicates }: Repo): unknown[] {
  return [form, merge, duplicates === 'first']
}

function fileIn(index: string): string {
  return join(index, '.merged.json')
}
