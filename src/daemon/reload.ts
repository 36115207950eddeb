import { repositoriesText } from '../amounts.ts'
import type { Config } from '../config/repo.ts'
import { MirrorError, packError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { InForce } from './inForce.ts'
import type { Notifier } from './notify.ts'

/**
 * Reads the configuration again and tells log and systemd of it. A broken one is told line by line, and changes nothing.
 * @param accept told of the new one before it holds; what it throws refuses it
 */
export async function reload(
  { held, notifier, log, serving }: { held: InForce; notifier: Notifier; log: Log; serving: string },
  accept: (config: Config) => void,
): Promise<Config> {
  notifier.reloading()
  try {
    const config = await held.reload(accept)
    log.info(`reloaded ${config.file}: ${repositoriesText(config.repos.length)}`)
    return config
  } catch (error) {
    for (const line of linesOf(error)) log.error(line)
    log.error(`${held.config.file} was not reloaded; what was configured before still holds`)
    throw error
  } finally {
    notifier.ready(serving)
  }
}

function linesOf(error: unknown): string[] {
  if (error instanceof MirrorError) return (error as { lines?: string[] }).lines ?? [error.line]
  const { message, stack } = packError(error)
  return [`E_BUG: ${stack ?? message}`]
}
