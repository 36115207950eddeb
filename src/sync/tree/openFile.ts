import { randomBytes } from 'node:crypto'
import { fromSystem, MirrorError } from '../../errors.ts'
import { type Content, contentRows } from '../../store/content.ts'
import type { SeenFiles, Validators } from '../../store/looks.ts'
import { withRetry } from '../../upstream/retry.ts'
import { header, type ResponseHead } from '../../upstream/transport.ts'
import { checkLength, checkStatus, conditional, validatorsOf } from '../document.ts'
import { FetchError } from '../download.ts'
import { PartFile, partPath } from '../part.ts'
import type { Run } from '../run.ts'

/** A file whose bytes nothing vouches for: where it is, its size where that is stated, and what was seen of it last. */
export type OpenFile = {
  what: string
  urls: readonly URL[]
  size: number | undefined
  /** The most bytes that are taken. */
  limit: number
  seen: SeenFiles[string] | undefined
}

/**
 * Brings a file into the pool that is known by its own sha256 only. Where it was seen before and is still in the pool the
 * server is asked whether it has changed. Nothing of it is resumed: what came before could be of another version.
 */
export async function fetchOpenFile(file: OpenFile, run: Run): Promise<{ content: Content; validators: Validators }> {
  const { state, repo, signal } = run
  const { pool, tmp } = state
  const name = { algorithm: 'sha256', hex: randomBytes(32).toString('hex') } as const
  const part = PartFile.claim(partPath(tmp, name), name) as PartFile
  const known = file.seen === undefined ? undefined : present(file.seen.sha256, run)
  let url = file.urls[0] as URL
  try {
    const head = await withRetry(
      repo.transfer,
      signal,
      (tries) => {
        url = file.urls[(tries - 1) % file.urls.length] as URL
        return receive(file, url, part, known === undefined ? {} : (file.seen?.validators ?? {}), run)
      },
      file.urls.length,
    )
    if (head.status === 304 && known !== undefined && file.seen !== undefined) {
      part.giveUp(false)
      return { content: known, validators: file.seen.validators }
    }
    const { sha256 } = await part.finish(timeOf(head))
    const there = present(sha256, run)
    if (there !== undefined) part.giveUp(false)
    else {
      part.close()
      pool.adopt(part.path, sha256)
    }
    return { content: there ?? contentOf(sha256, part.bytes), validators: validatorsOf(head) }
  } catch (error) {
    part.giveUp(false)
    const failure = fromSystem(error, `Cannot write ${part.path}`)
    throw failure instanceof MirrorError && !signal.aborted ? new FetchError(file.what, url, failure) : failure
  }
}

async function receive(
  { size, limit }: OpenFile,
  url: URL,
  part: PartFile,
  known: Validators,
  { upstream, signal, progress }: Run,
): Promise<ResponseHead> {
  const headers = conditional(known)
  let answer: ResponseHead | undefined
  part.restart()
  await upstream.transport(
    { url, headers, signal },
    {
      head(head) {
        answer = head
        checkStatus(head, Object.keys(headers).length > 0)
      },
      data(chunk) {
        progress.received(chunk.length)
        if (part.bytes + chunk.length > (size ?? limit))
          throw new MirrorError('E_SIZE', `size expected ${size ?? limit}, more was sent`)
        part.append(chunk)
      },
    },
  )
  const head = answer as unknown as ResponseHead
  if (head.status === 304) return head
  checkLength(head, part.bytes)
  if (size !== undefined && part.bytes !== size)
    throw new MirrorError('E_SIZE', `size expected ${size}, found ${part.bytes}`)
  return head
}

/** When the upstream's file was changed, in seconds since the epoch; 0 where it does not say. */
function timeOf(head: ResponseHead): number {
  return Math.floor((Date.parse(header(head, 'last-modified') ?? '') || 0) / 1000)
}

function present(sha256: string, { state }: Run): Content | undefined {
  const content = contentRows(state.database).find({ algorithm: 'sha256', hex: sha256 }, undefined)
  return content !== undefined && state.pool.size(sha256) === content.size ? content : undefined
}

function contentOf(sha256: string, size: number): Content {
  return { sha256, size, digest: { algorithm: 'sha256', hex: sha256 } }
}
