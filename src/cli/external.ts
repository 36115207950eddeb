import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

/** The program `mirror-NAME` on PATH, which is the verb NAME to whoever calls us; undefined where there is none. */
export function findExternal(name: string, path = process.env.PATH ?? ''): string | undefined {
  if (!/^[a-z][a-z0-9-]*$/i.test(name)) return undefined
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, `mirror-${name}`)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Runs it in our place, with the configuration's path in MIRROR_CONFIG; its exit status. */
export async function runExternal(program: string, args: readonly string[], configFile: string): Promise<number> {
  const env = { ...process.env, MIRROR_CONFIG: resolve(configFile) }
  const child = spawn(program, args, { stdio: 'inherit', env })
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return status ?? 128 + (signal === null ? 0 : os.signals[signal])
}
