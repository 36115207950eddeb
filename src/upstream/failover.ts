import { setTimeout as sleep } from 'node:timers/promises'
import { MirrorError } from '../errors.ts'
import type { Mirror } from './mirror.ts'
import type { Mirrors } from './mirrors.ts'
import { type Failure, Race } from './race.ts'
import { delay, isGone, isPassing, type RetryPolicy, StatusError } from './retry.ts'
import { shown } from './transport.ts'

/** One try at one mirror. `received` counts the bytes that the mirror is measured by. */
export type Try = { mirror: Mirror; url: URL; signal: AbortSignal; received: (bytes: number) => void }

/** What is asked for: where a mirror may have the file, the likely place first, and how failures are met. */
export type Asking = {
  mirrors: Mirrors
  urlsAt: (mirror: URL) => readonly URL[]
  policy: RetryPolicy
  signal: AbortSignal
  /** Whether the file must be of the same edition without a digest to tell. */
  isSteady?: boolean
  /** After so many milliseconds without an answer the next mirror is asked beside; undefined waits for each to fail. */
  besideMs?: number | undefined
}

/** A file that no mirror gave. Its code and cause are the most telling mirror's, its message names all of them. */
export class NowhereError extends MirrorError {
  /** The URL of the most telling failure. */
  readonly url: URL

  constructor(failures: readonly Failure[], tries: number) {
    const { url, error } = telling(failures)
    super(error.code, inWords(failures, tries), { cause: error })
    this.url = url
  }
}

/** How many mirrors a message names. */
const maxNamed = 8

/**
 * Asks mirrors for a file until one has it: each once, as `Mirrors` prefers them, then again those whose failure may pass,
 * `retries` times more, with longer and longer waits. With `besideMs` a silent mirror is not waited for alone.
 * @throws NowhereError
 */
export async function failover<T>(asking: Asking, attempt: (one: Try) => Promise<T>): Promise<T> {
  const { mirrors, policy, signal, isSteady, besideMs } = asking
  const failures = new Map<Mirror, Failure>()
  const race = new Race<T>(besideMs)
  let asked = new Map<Mirror, unknown>()
  for (let tries = 0; ; ) {
    const { length: places } = mirrors.all
    const mirror = tries < policy.retries + places ? mirrors.next(asked, isSteady) : undefined
    if (mirror !== undefined) {
      tries++
      asked.set(mirror, true)
      race.enter(mirror, (overtaken) => tryAt(mirror, places === 1, overtaken, asking, attempt))
    } else if (race.isEmpty) throw new MirrorError('E_NO_MIRROR', 'the upstream has no mirror that could be asked')
    const outcome = await race.next(asked.size < places)
    if (outcome === undefined) continue
    if (outcome.failure === undefined) {
      for (const [other, { error }] of failures) if (other !== outcome.mirror) other.wasToBlame(error)
      return race.won(outcome)
    }
    failures.set(outcome.mirror, outcome.failure)
    if (failures.size < places || !race.isEmpty) continue
    if (tries >= policy.retries + places) throw nowhere(failures, tries)
    if (asked.size < places) continue
    const again = worthAnother(failures)
    if (again.length === 0) throw nowhere(failures, tries)
    asked = new Map([...failures].filter(([one]) => !again.includes(one)))
    const wait = delay(outcome.failure.error, tries - places + 1, policy)
    await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

/** Asks one mirror, at the next of its URLs where it has no file at the one before. Throws what is no mirror's fault. */
async function tryAt<T>(
  mirror: Mirror,
  isAlone: boolean,
  overtaken: AbortSignal | undefined,
  { urlsAt, signal }: Asking,
  attempt: (one: Try) => Promise<T>,
): Promise<{ result?: T; failure?: Failure }> {
  const urls = urlsIn(mirror, urlsAt)
  if (urls instanceof MirrorError) return { failure: { url: mirror.url, error: urls } }
  const { trouble } = mirror
  if (!isAlone && mirror.isResting && trouble !== undefined) return { failure: { url: urls[0] as URL, error: trouble } }
  const began = performance.now()
  let bytes = 0
  const received = (more: number) => {
    bytes += more
  }
  const ofMirror = isAlone ? signal : mirror.signalIn(signal)
  const ends = overtaken === undefined ? ofMirror : AbortSignal.any([ofMirror, overtaken])
  mirror.underWay++
  try {
    for (let i = 0; ; i++) {
      const url = urls[i] as URL
      try {
        const result = await attempt({ mirror, url, signal: ends, received })
        mirror.served(bytes, performance.now() - began)
        return { result }
      } catch (error) {
        if (signal.aborted || overtaken?.aborted || !(error instanceof MirrorError)) throw error
        if (isGone(error) && i + 1 < urls.length) continue
        mirror.failed(error)
        return { failure: { url, error } }
      }
    }
  } finally {
    mirror.underWay--
  }
}

/** A location may make sense at one mirror only. */
function urlsIn({ url }: Mirror, urlsAt: Asking['urlsAt']): readonly URL[] | MirrorError {
  try {
    return urlsAt(url)
  } catch (error) {
    if (error instanceof MirrorError) return error
    throw error
  }
}

/**
 * The mirrors that may have the file at another try. Where some of a list say that there is no such file, those that do not
 * answer at all are not waited for: of a hundred there is always one.
 */
function worthAnother(failures: ReadonlyMap<Mirror, Failure>): Mirror[] {
  const isGoneSomewhere = [...failures.values()].some(({ error }) => isGone(error) || error.code === 'E_LAG')
  const passing = [...failures].filter(([, { error }]) => isPassing(error)).map(([mirror]) => mirror)
  return isGoneSomewhere ? passing.filter((mirror) => !isPassedOver(mirror)) : passing
}

function isPassedOver({ isListed, standing }: Mirror): boolean {
  return isListed && standing === 'out'
}

/** The end of it. All say that the file is gone where each does that was not passed over. */
function nowhere(failures: ReadonlyMap<Mirror, Failure>, tries: number): NowhereError {
  const counting = [...failures].filter(([mirror]) => !isPassedOver(mirror)).map(([, failure]) => failure)
  const error = new NowhereError([...failures.values()], tries)
  if (error.cause instanceof StatusError) error.cause.goneEverywhere = counting.every((one) => isGone(one.error))
  return error
}

/** What says most of the file: other bytes than expected, then that it is gone, then whatever came last. */
function telling(failures: readonly Failure[]): Failure {
  const isOther = ({ error }: Failure) => ['E_LAG', 'E_CHECKSUM', 'E_SIZE'].includes(error.code)
  return failures.find(isOther) ?? failures.find(({ error }) => isGone(error)) ?? (failures.at(-1) as Failure)
}

function inWords(failures: readonly Failure[], tries: number): string {
  const told = failures.slice(0, maxNamed).map(({ url, error }) => `${shown(url)}: ${error.message}`)
  const more = failures.length > maxNamed ? `; ${failures.length - maxNamed} more mirrors failed too` : ''
  const again = tries > failures.length ? ` (after ${tries} attempts)` : ''
  return `${told.join('; ')}${more}${again}`
}
