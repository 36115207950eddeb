import { randomBytes } from 'node:crypto'
import { fromSystem, MirrorError } from '../../errors.ts'
import { type Content, contentRows } from '../../store/content.ts'
import type { SeenFiles, Validators } from '../../store/looks.ts'
import { PartFile, partPath } from '../../store/part.ts'
import { failover, type Try } from '../../upstream/failover.ts'
import { header, type ResponseHead } from '../../upstream/transport.ts'
import { checkLength, checkStatus, conditional, validatorsOf } from '../document.ts'
import { FetchError } from '../download.ts'
import { urlsAt, type Where } from '../location.ts'
import type { Run } from '../run.ts'

/** A file whose bytes nothing vouches for: where it is, its size where that is stated, and what was seen of it last. */
export type OpenFile = {
  what: string
  where: Where
  size: number | undefined
  /** The most bytes that are taken. */
  limit: number
  seen: SeenFiles[string] | undefined
}

/** A file in the pool, and what its server said of it. */
export type Opened = { content: Content; validators: Validators }

/**
 * Brings a file into the pool that is known by its own sha256 only. Where it was seen before and is still in the pool the
 * server is asked whether it has changed. Nothing of it is resumed: what came before could be of another version.
 */
export async function fetchOpenFile(file: OpenFile, run: Run): Promise<Opened> {
  const { state, repo, signal } = run
  const { where, what } = file
  const known = knownOf(file, run)
  const name = { algorithm: 'sha256', hex: randomBytes(32).toString('hex') } as const
  const part = PartFile.claim(partPath(state.tmp, name), name) as PartFile
  let url: URL | undefined
  const attempt = (one: Try) => {
    url = one.url
    return receive(file, one, part, known?.validators ?? {}, run)
  }
  try {
    const asking = { mirrors: where.mirrors, policy: repo.transfer, signal, isSteady: true }
    const head = await failover({ ...asking, urlsAt: (mirror) => urlsAt(where.location, mirror) }, attempt)
    if (head.status !== 304 || known === undefined) return await adopted(part, head, run)
    part.giveUp(false)
    return known
  } catch (error) {
    part.giveUp(false)
    const failure = fromSystem(error, `Cannot write ${part.path}`)
    throw failure instanceof MirrorError && !signal.aborted ? new FetchError(what, url, failure) : failure
  }
}

/** What was seen of the file last, where the pool still has it. */
function knownOf({ seen }: OpenFile, run: Run): Opened | undefined {
  const content = seen === undefined ? undefined : present(seen.sha256, run)
  return content === undefined || seen === undefined ? undefined : { content, validators: seen.validators }
}

/** A content that the pool has already stays the file that it is, with all links to it. */
async function adopted(part: PartFile, head: ResponseHead, run: Run): Promise<Opened> {
  const { sha256 } = await part.finish(timeOf(head))
  const there = present(sha256, run)
  if (there === undefined) {
    run.state.pool.adopt(part.path, sha256)
    part.close()
  } else part.giveUp(false)
  return { content: there ?? contentOf(sha256, part.bytes), validators: validatorsOf(head) }
}

async function receive(
  { size, limit }: OpenFile,
  { url, signal, received }: Try,
  part: PartFile,
  known: Validators,
  { upstream, progress }: Run,
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
        received(chunk.length)
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
