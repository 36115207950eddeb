import { execFileSync } from 'node:child_process'
import { globSync, linkSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Peer } from './peers.ts'

/** Writes the repodata of a folder of packages with createrepo_c. */
export function writeRepodata(folder: string, { command: [program, ...rest], path }: Peer): void {
  execFileSync(program as string, [...rest, '--quiet', path(folder)], { stdio: 'inherit' })
}

/**
 * Makes a smaller repository of hard links to packages of another: the first so many by name, so that the versions of
 * a package stay together.
 */
export function takePackages(upstream: string, count: number, folder: string, createrepo: Peer): void {
  const files = globSync('**/*.rpm', { cwd: upstream }).sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
  if (files.length < count) throw new Error(`${upstream} has ${files.length} packages, fewer than ${count}`)
  for (const file of files.slice(0, count)) {
    const directory = join(folder, 'Packages', (basename(file)[0] as string).toLowerCase())
    mkdirSync(directory, { recursive: true })
    linkSync(join(upstream, file), join(directory, basename(file)))
  }
  writeRepodata(folder, createrepo)
}
