import { setMaxListeners } from 'node:events'
import { MirrorError } from '../errors.ts'
import { isGone } from './retry.ts'

/**
 * A place where the whole repository is. `isListed`: named by a list, not by the operator. `hasEdition`: it was seen to have
 * the edition that a run is about.
 */
export type Place = { url: string; isListed: boolean; hasEdition?: boolean }

/** What earlier runs found of a place: bytes per second, and until when (milliseconds) it is not to be relied on, and why. */
export type Remembered = { rate: number | undefined; badUntil: number | undefined; why: string | undefined }

/** How much a mirror is relied on: `last` is asked when no other is left, `out` has not even answered. */
type Standing = 'good' | 'last' | 'out'

const minute = 60_000
const remembered = { out: 60 * minute, lacks: 60 * minute, lies: 240 * minute }

/** A mirror that stalled is not waited for again so soon, in milliseconds. */
const restMs = minute

/** After it lacked so many files that others had, a mirror is asked last. */
const mostLacking = 3

/** Rates are of about so much time of transfers, in milliseconds. */
const rateMs = 30_000

/** One mirror of a repository during a run: what is under way at it, how fast it was, and what went wrong. */
export class Mirror {
  readonly url: URL
  readonly isListed: boolean
  /** Whether it was seen to have the edition that the run is about. */
  hasEdition: boolean
  /** Transfers at this moment. */
  underWay = 0
  standing: Standing = 'good'
  /** Why it is not relied on. */
  trouble: MirrorError | undefined
  #learned: Remembered | undefined
  #bytes = 0
  #ms = 0
  #lacking = 0
  #hasServed = false
  readonly #wasBad: boolean
  #stalledAt = Number.NEGATIVE_INFINITY
  #run: AbortSignal | undefined
  #cut: AbortController | undefined
  #echo: MirrorError | undefined

  constructor({ url, isListed, hasEdition }: Place, known: Remembered | undefined) {
    this.url = new URL(url)
    this.isListed = isListed
    this.hasEdition = hasEdition === true
    if (known?.rate !== undefined) [this.#bytes, this.#ms] = [known.rate, 1000]
    this.#wasBad = (known?.badUntil ?? 0) > Date.now()
    if (this.#wasBad) this.standing = 'last'
  }

  /** Bytes per second; undefined where nothing was fetched from it yet. */
  get rate(): number | undefined {
    return this.#ms === 0 ? undefined : (this.#bytes * 1000) / this.#ms
  }

  /** What is new to remember: trouble, that there is none any more, or a rate. */
  get learned(): Remembered | undefined {
    if (this.#learned !== undefined) return { ...this.#learned, rate: this.rate }
    return this.#hasServed ? { rate: this.rate, badUntil: undefined, why: undefined } : undefined
  }

  /** Whether what was remembered of it, or is to be, is bad. */
  get isNotable(): boolean {
    return this.#learned !== undefined || (this.#wasBad && this.#hasServed)
  }

  /** Ends with the run, or when the mirror stalls: what else is under way there would stall, too. */
  signalIn(run: AbortSignal): AbortSignal {
    if (this.#cut === undefined || this.#run !== run) this.#cut = cutWith(run)
    this.#run = run
    return this.#cut.signal
  }

  /** Whether it stalled a moment ago, so that asking again would cost the whole timeout again. */
  get isResting(): boolean {
    return performance.now() - this.#stalledAt < restMs
  }

  /** A file came from it: so many bytes in so many milliseconds. */
  served(bytes: number, ms: number): void {
    this.#hasServed = true
    if (this.standing === 'out') this.standing = 'last'
    this.#stalledAt = Number.NEGATIVE_INFINITY
    if (bytes === 0) return
    this.#bytes += bytes
    this.#ms += Math.max(ms, 1)
    if (this.#ms > rateMs) {
      this.#bytes /= 2
      this.#ms /= 2
    }
  }

  /** A transfer failed, whoever is to blame. */
  failed(error: MirrorError): void {
    if (error === this.#echo) return
    this.trouble = error
    if (error.code === 'E_SLOW') this.#stall(error)
    if (error.code === 'E_CONNECT' || error.code === 'E_TLS' || error.code === 'E_SLOW') {
      this.standing = 'out'
      this.#remember(error, remembered.out)
    } else if (error.code === 'E_TRUNCATED' && this.standing === 'good') this.standing = 'last'
  }

  /** Another mirror has what this one failed with: so the file was not to blame. */
  wasToBlame(error: MirrorError): void {
    const isLacking = isGone(error)
    if (this.standing === 'out' || (isLacking && ++this.#lacking < mostLacking)) return
    this.standing = 'last'
    this.#remember(error, isLacking ? remembered.lacks : remembered.lies)
  }

  /** It has another edition than the one that is wanted. */
  lags(error: MirrorError): void {
    this.trouble = error
    this.standing = 'last'
    this.#remember(error, remembered.lacks)
  }

  /**
   * Another one that was asked later had the answer sooner. That says nothing of a place of the operator's, who may have
   * reasons of his own for his order.
   */
  wasOvertaken(): void {
    if (!this.isListed || this.standing === 'out') return
    const error = new MirrorError('E_SLOW', 'another mirror that was asked later answered sooner')
    this.trouble ??= error
    this.standing = 'last'
    this.#remember(error, remembered.lacks)
  }

  #stall(error: MirrorError): void {
    this.#stalledAt = performance.now()
    const cut = this.#cut
    this.#cut = undefined
    this.#echo = new MirrorError('E_SLOW', 'another transfer from this mirror stalled', { cause: error })
    cut?.abort(this.#echo)
  }

  #remember(error: MirrorError, ms: number): void {
    this.#learned = { rate: this.rate, badUntil: Date.now() + ms, why: error.code }
  }
}

function cutWith(run: AbortSignal): AbortController {
  const cut = new AbortController()
  setMaxListeners(0, cut.signal) // every transfer listens
  if (run.aborted) cut.abort(run.reason)
  run.addEventListener('abort', () => cut.abort(run.reason), { once: true })
  return cut
}
