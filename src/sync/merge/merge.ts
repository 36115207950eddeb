import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Repo } from '../../config/repo.ts'
import { shown } from '../../upstream/transport.ts'
import type { Edition } from '../edition.ts'
import { indexFolder } from '../local/links.ts'
import { linkOf } from '../trust/link.ts'
import { signaturePath } from '../trust/signatureFile.ts'
import { readSeen, type Seen, type SeenUpstream, writeSeen } from './seen.ts'
import { type MergedUpstream, type Merging, openMerged } from './upstreams.ts'

/** A repository with its index for an upstream, and whether an upstream had changed. */
export type Indexed = { repo: Repo; isNew: boolean }

/**
 * Makes several upstreams one like any other: an index in a folder of the state, with the metadata of all their packages,
 * each of which says by its xml:base which upstream it is of. Where none of them has changed that costs a conditional
 * request for each.
 * @throws what is wrong with an upstream, naming its URL
 */
export async function indexMerged(repo: Repo, { state, emit, signal, acceptRollback }: Merging): Promise<Indexed> {
  const index = indexFolder(state.state, repo.path)
  const indexed = { ...repo, baseurl: [pathToFileURL(`${index}/`).href] }
  const before = existsSync(join(index, 'repodata/repomd.xml')) ? readSeen(index, repo) : {}
  await using opened = new AsyncDisposableStack()
  const upstreams: MergedUpstream[] = []
  for (const url of repo.merge)
    upstreams.push(opened.use(await openMerged(url, repo, { state, emit, signal, acceptRollback })))
  const looks = await Promise.all(upstreams.map((upstream) => upstream.look(before[upstream.url])))
  if (looks.every((isSeen) => isSeen)) return { repo: indexed, isNew: false }
  mkdirSync(index, { recursive: true })
  const editions = await Promise.all(upstreams.map((upstream) => upstream.edition()))
  const { writeIndex } = await import('./index.ts')
  await writeIndex(index, repo, await Promise.all(upstreams.map((upstream) => upstream.source())), {
    notice: (message) => emit({ type: 'notice', repo: repo.id, level: 'warn', message }),
    signal,
  })
  const seen: Seen = Object.fromEntries(
    editions.map((edition, i) => [repo.merge[i] as string, seenIn(edition, repo.merge[i] as string, repo)]),
  )
  writeSeen(index, repo, seen)
  for (const upstream of upstreams) await upstream.remember()
  return { repo: indexed, isNew: true }
}

function seenIn(edition: Edition, url: string, repo: Repo): SeenUpstream {
  const { sha256, validators, proof } = edition
  const { signature } = proof
  const upstream = shown(new URL(url))
  const files = signature && { [signaturePath]: { sha256: signature.sha256, validators: signature.validators } }
  return { sha256, validators, link: { ...linkOf(edition, repo), upstream }, files: files ?? {} }
}
