import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/repo.ts'
import type { VerbContext } from './verb.ts'

/** The configuration of this call, its warnings told. */
export async function readConfig({ configFile, log }: Pick<VerbContext, 'configFile' | 'log'>): Promise<Config> {
  const config = await loadConfig(configFile)
  for (const warning of config.warnings) log.warn(warning)
  return config
}
