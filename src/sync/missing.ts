import { MirrorError } from '../errors.ts'
import { isGoneEverywhere } from '../upstream/retry.ts'
import { FetchError } from './download.ts'
import type { Run } from './run.ts'

/** Fewer missing packages than this may be left out without a question, whatever share of the whole they are. */
const smallLoss = 20

/** How many missing files are named in a notice. */
const maxTold = 20

/** Files that the upstream names and does not have: each is a failure, unless the repo is to be published without them. */
export type Missing = ReturnType<typeof missingFiles>

/** Gathers them. A local folder whose file is gone is read anew instead. */
export function missingFiles({ repo, notice }: Pick<Run, 'repo' | 'notice'>) {
  const errors: FetchError[] = []
  const isPruned = repo.onMissing === 'prune' && repo.local.length === 0

  return {
    /** The names of the files, for messages. */
    get names(): string[] {
      return errors.map(({ what }) => what)
    },

    /** The first failure, which tells of a moved upstream as any other does. */
    get first(): FetchError | undefined {
      return errors[0]
    },

    /** The result of a fetch; undefined for a file that is missing and left out. */
    async orNone<T>(fetching: Promise<T>): Promise<T | undefined> {
      try {
        return await fetching
      } catch (error) {
        if (!isPruned || !(error instanceof FetchError) || !isGoneEverywhere(error)) throw error
        errors.push(error)
        return undefined
      }
    },

    /** Says what is left out. */
    tell(): void {
      const { names } = this
      if (names.length === 0) return
      const more = names.length > maxTold ? ` and ${names.length - maxTold} more` : ''
      const told = `${names.slice(0, maxTold).join(', ')}${more}`
      notice('warn', `the upstream names ${names.length} files and does not have them, they are left out: ${told}`)
    },
  }
}

/** Holds an upstream that lacks most of what it names: more likely it is being changed, or broken. @throws E_SHRINK */
export function guardMissing(missing: number, packages: number, { repo, acceptShrink }: Run): void {
  const { maxShrinkPercent } = repo
  if (acceptShrink || missing < smallLoss || missing * 100 <= packages * maxShrinkPercent) return
  const lack = `the upstream lacks ${missing} of the ${packages} packages that it names`
  const message = `${lack}, more than max_shrink=${maxShrinkPercent}%; held: run with --accept-shrink to publish without them`
  throw new MirrorError('E_SHRINK', message)
}
