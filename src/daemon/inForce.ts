import type { Config } from '../config/repo.ts'
import { MirrorError, packError } from '../errors.ts'

/** The configuration that holds, and what became of the last try to read it anew. */
export type InForce = {
  readonly config: Config
  /** Times in milliseconds since the epoch; with an error what held before still does. */
  readonly reloaded: { at: number; error: string | undefined } | undefined
  /**
   * Reads the file again. `accept` is asked before it holds, and may throw.
   * @throws E_CONFIG, after which nothing has changed
   */
  reload(accept: (config: Config) => void): Promise<Config>
}

/** @param take told of each configuration that holds from now on */
export function inForce(first: Config, read: () => Promise<Config>, take: (config: Config) => void): InForce {
  let config = first
  let reloaded: InForce['reloaded']
  // Two at once would end in the order in which they were read, not asked for.
  let earlier: Promise<unknown> = Promise.resolve()
  const readAnew = async (accept: (config: Config) => void) => {
    try {
      const fresh = await read()
      refuseMoves(config, fresh)
      accept(fresh)
      config = fresh
      take(fresh)
      reloaded = { at: Date.now(), error: undefined }
      return config
    } catch (error) {
      reloaded = { at: Date.now(), error: packError(error).message }
      throw error
    }
  }
  return {
    get config() {
      return config
    },
    get reloaded() {
      return reloaded
    },
    reload(accept) {
      const turn = earlier.then(() => readAnew(accept))
      earlier = turn.catch(() => {})
      return turn
    },
  }
}

/** What a daemon holds open for its whole life, by the keys in the file. */
const held = {
  root: ({ root }: Config) => root,
  state: ({ state }: Config) => state,
  listen: ({ listen }: Config) => listen,
  'admin_...': ({ admin }: Config) => admin,
  access_log: ({ serving }: Config) => serving.accessLog,
}

function refuseMoves(before: Config, fresh: Config): void {
  const moved = Object.entries(held).filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(fresh)))
  if (moved.length === 0) return
  const keys = moved.map(([key]) => key).join(', ')
  throw new MirrorError('E_CONFIG', `${fresh.file}: ${keys} changed, which needs a restart; nothing of it was taken`)
}
