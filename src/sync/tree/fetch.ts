import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Content } from '../../store/content.ts'
import { readLook, type SeenFiles, type Validators } from '../../store/looks.ts'
import type { Member } from '../../store/members.ts'
import { isGone } from '../../upstream/retry.ts'
import { fetchAll } from '../fetch.ts'
import { whereOf } from '../location.ts'
import type { Missing } from '../missing.ts'
import type { Run } from '../run.ts'
import { fetchOpenFile } from './openFile.ts'
import { maxTreeFile, type TreeDocument, type TreeFile, type TreePlan } from './plan.ts'

/** A file beside the packages, in the pool; the validators are those of one whose bytes nothing vouches for. */
export type FetchedFile = Pick<Member, 'path' | 'kind'> & { content: Content; validators: Validators | undefined }

/** Fetches the files of a tree that the pool lacks, or that nothing vouches for. Missing optional ones are passed over. */
export async function fetchTree({ documents, files }: TreePlan, missing: Missing, run: Run): Promise<FetchedFile[]> {
  const seen = readLook(run.state.database, run.row)?.files ?? {}
  const fetched = documents.map((document) => pooled(document, run))
  await fetchAll(files, run.connections, run.signal, async (file) => {
    const got = await missing.orNone(fetchOne(file, seen, run))
    if (got === undefined) return
    run.ledger.add(got.content)
    fetched.push(got)
  })
  return fetched
}

async function fetchOne(file: TreeFile, seen: SeenFiles, run: Run): Promise<FetchedFile | undefined> {
  const { path, kind, digest, size, place, isOptional } = file
  const wanted = {
    what: `${path} (${place})`,
    where: whereOf({ href: path }, run.upstream),
    size,
    limit: maxTreeFile,
  }
  try {
    if (digest === undefined) return { path, kind, ...(await fetchOpenFile({ ...wanted, seen: seen[path] }, run)) }
    const stated = { ...wanted, digest, fileTime: 0 }
    const content = run.downloads.present(stated) ?? (await run.downloads.download(stated))
    return { path, kind, content, validators: undefined }
  } catch (error) {
    if (isOptional && isGone(error)) return undefined
    throw error
  }
}

/** A document that is at hand becomes a content like any other. */
function pooled({ path, kind, bytes, validators }: TreeDocument, { state, downloads, ledger }: Run): FetchedFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const content: Content = { sha256, size: bytes.length, digest: { algorithm: 'sha256', hex: sha256 } }
  if (downloads.present(content) === undefined) {
    const temporary = join(state.tmp, `document-${process.pid}.new`)
    const fd = openSync(temporary, 'w', 0o644)
    writeSync(fd, bytes)
    closeSync(fd)
    state.pool.adopt(temporary, sha256)
  }
  ledger.add(content)
  return { path, kind, content, validators }
}

/** What the next run is to know of files that nothing vouches for. */
export function seenFiles(fetched: readonly FetchedFile[]): SeenFiles {
  const seen = fetched.flatMap(({ path, content, validators }) =>
    validators === undefined ? [] : [[path, { sha256: content.sha256, validators }] as const],
  )
  return Object.fromEntries(seen)
}
