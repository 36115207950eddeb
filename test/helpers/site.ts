import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { makeTemporaryFolder } from './temporary.ts'

/** A place for the program to work in, removed at the end of the `await using` block. */
export interface Site extends AsyncDisposable {
  /** The folder that holds all the others. */
  dir: string
  /** The HTTP root, there and empty. */
  root: string
  /** Beside root, as by default; the program makes it. */
  state: string
  configFile: string
  /** Writes the configuration as YAML, with `root` and `state` of this site unless it has its own. */
  writeConfig(config: object): Promise<void>
  /** A path below `dir`. */
  path(...segments: string[]): string
}

/** Makes a site; `config`, if given, is written as `writeConfig` does. */
export async function makeSite(options: { config?: object } = {}): Promise<Site> {
  const folder = await makeTemporaryFolder()
  const path = (...segments: string[]) => join(folder.path, ...segments)
  const [root, state, configFile] = [path('root'), path('state'), path('mirror.yaml')]
  const writeConfig = (config: object) => writeFile(configFile, stringify({ root, state, ...config }))
  await mkdir(root)
  if (options.config) await writeConfig(options.config)
  return {
    dir: folder.path,
    root,
    state,
    configFile,
    writeConfig,
    path,
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}
