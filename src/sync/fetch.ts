import pLimit from 'p-limit'
import { FetchError } from './download.ts'

/** How many failed files are named one by one, and after how many no more are tried. */
const maxNamed = 100
const maxFailures = 200

/**
 * Fetches every file, as many at once as there are connections; never more than twice that many are waiting, so that
 * 70,000 files are not 70,000 promises. A file that fails does not stop the others.
 * @throws one error that names every file that failed
 */
export async function fetchAll<Wanted>(
  files: Iterable<Wanted>,
  connections: () => number,
  signal: AbortSignal,
  fetchOne: (wanted: Wanted) => Promise<void>,
): Promise<void> {
  const limit = pLimit(connections())
  const failures: FetchError[] = []
  const underWay = new UnderWay()
  let fatal: unknown
  const one = async (wanted: Wanted) => {
    try {
      await fetchOne(wanted)
    } catch (error) {
      if (error instanceof FetchError) failures.push(error)
      if (!(error instanceof FetchError) || isOfEveryFile(error) || failures.length === maxFailures) fatal ??= error
    }
    underWay.leave()
  }
  for (const wanted of files) {
    limit.concurrency = connections()
    await underWay.below(2 * limit.concurrency)
    if (fatal !== undefined || signal.aborted) break
    underWay.enter()
    void limit(one, wanted)
  }
  await underWay.below(1)
  signal.throwIfAborted()
  if (fatal !== undefined && failures.length < maxFailures) throw fatal
  if (failures.length > 0) throw together(failures)
}

/** A full disk or a host that is gone fails the next file too. */
function isOfEveryFile({ code }: FetchError): boolean {
  return ['E_NOSPC', 'E_FD', 'E_IO', 'E_CONNECT', 'E_TLS'].includes(code)
}

/** The first failure's message with the names of the others; it tells of a moved upstream where any of them does. */
function together(failures: FetchError[]): FetchError {
  const first = failures.find(({ moved }) => moved) ?? failures[0]!
  const others = failures.filter((failure) => failure !== first).map(({ what }) => what)
  if (others.length === 0) return first
  const named = others.slice(0, maxNamed).join(', ')
  const more = others.length > maxNamed ? ` and ${others.length - maxNamed} more` : ''
  first.message += `; ${others.length} other files failed too: ${named}${more}`
  return first
}

/** How many files are under way; whoever feeds them waits here until they are fewer. */
class UnderWay {
  #count = 0
  #left = () => {}

  enter(): void {
    this.#count++
  }

  leave(): void {
    this.#count--
    this.#left()
  }

  async below(most: number): Promise<void> {
    while (this.#count >= most)
      await new Promise<void>((resolve) => {
        this.#left = resolve
      })
  }
}
