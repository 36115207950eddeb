import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/config/mistakes.ts'
import type { Config } from '../../src/config/repo.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

/** Files by name; `mirror.yaml` is the configuration, those in `vars/` are the host's variables. */
export type Files = Record<string, string | Uint8Array>

/** Loads a configuration on an x86_64 host. Paths in what comes back begin with `DIR` instead of the temporary folder. */
export async function load(files: Files | string): Promise<Config> {
  await using folder = await makeTemporaryFolder()
  for (const [name, content] of Object.entries(typeof files === 'string' ? { 'mirror.yaml': files } : files)) {
    await mkdir(join(folder.path, dirname(name)), { recursive: true })
    await writeFile(join(folder.path, name), content)
  }
  const environment = { varsFolders: [join(folder.path, 'vars')], basearch: 'x86_64', home: join(folder.path, 'home') }
  const config = await loadConfig(join(folder.path, 'mirror.yaml'), environment).catch((error: unknown) => {
    throw error instanceof ConfigError ? new ConfigError(without(folder.path, error.mistakes)) : error
  })
  return without(folder.path, config)
}

/** Each mistake on a line, without the folder: `mirror.yaml:1:1: root is missing; write ...`. */
export async function mistakesIn(files: Files | string): Promise<string[]> {
  try {
    await load(files)
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map((line) => line.replace('E_CONFIG DIR/', ''))
    throw error
  }
  return []
}

/** A configuration with one repository `a`, whose keys begin in line 5. */
export function repo(keys: string): string {
  return `root: www\nrepos:\n  a:\n    baseurl: http://h/\n    ${keys}\n`
}

/** A bad configuration: what is bad about it, its text, and each line that it gets without `mirror.yaml:`. */
export type Refusal = [what: string, yaml: string, ...lines: string[]]

/** One test for each bad configuration: it gets exactly these lines. */
export function refuses(...refusals: Refusal[]): void {
  it.each(refusals)('refuses %s', async (_, yaml, ...lines) => {
    expect(await mistakesIn(yaml)).toEqual(lines.map((line) => `mirror.yaml:${line}`))
  })
}

function without<T>(folder: string, value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(folder, 'DIR')) as T
}
