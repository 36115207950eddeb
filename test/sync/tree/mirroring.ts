import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { images, type KickstartOptions, makeKickstart, type TreeFiles } from '../../helpers/kickstart.ts'
import { type Syncing, startSyncing } from '../syncing.ts'

/** What a repository with one package and a kickstart tree is mirrored with. */
export const whole = { kickstart: 'yes' }

/** Starts an upstream with one package and a tree, images of some kB by default. */
export async function startWithTree(files: TreeFiles = images, options: KickstartOptions = {}): Promise<Syncing> {
  const syncing = await startSyncing([{ name: 'alpha' }])
  await makeKickstart(syncing.dir, files, options)
  return syncing
}

/** The files of a folder by their paths, with their texts, without packages and metadata. */
export function treeOf(folder: string): TreeFiles {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !/^(?:Packages|repodata)\//.test(name))
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** What was asked for since the last call, without packages and metadata. */
export function askedFor({ upstream }: Syncing): string[] {
  const asked = upstream.requests.splice(0).map(({ path, status }) => `${path.slice(1)} ${status}`)
  return asked.filter((path) => !/^(?:Packages|repodata)\/.*(?:\.rpm|-)/.test(path))
}
