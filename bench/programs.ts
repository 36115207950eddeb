import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer, Peers } from './peers.ts'

/**
 * What is mirrored: `whole` is every package under upstream's own metadata, `all` is every package under repodata that
 * the mirror makes, `newest` the newest version of each package, which needs repodata made anew. For us the first two
 * are one: what is taken whole is published with the bytes that upstream has.
 */
export type Selection = 'whole' | 'all' | 'newest'

/** A program that mirrors an upstream into a folder of its own. */
export type Program = {
  name(selection: Selection): string
  /** The commands of a first run, or of one more (`again`) over what the last one left. Paths are absolute. */
  commands(job: Job, again: boolean): string[][]
}

export type Job = { url: string; folder: string; selection: Selection }

/** This program, by what starts it. */
export function mirror(program: string): Program {
  return {
    name: () => 'mirror',
    commands({ url, folder, selection }) {
      const file = join(folder, 'mirror.yaml')
      const lines = [
        'root: www',
        'state: state',
        'repos:',
        `  bench: { baseurl: "${url}", newest_only: ${selection === 'newest'} }`,
      ]
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, `${lines.join('\n')}\n`)
      return [[program, 'sync', '-c', file]]
    },
  }
}

/** What does the same with the usual tools, each with its own defaults: dnf5 fetches, createrepo_c makes repodata. */
export function reposync({ dnf5, createrepo }: Peers): Program | undefined {
  if (dnf5 === undefined || createrepo === undefined) return undefined
  return {
    name: (selection) => (selection === 'whole' ? 'dnf5' : 'dnf5 + createrepo_c'),
    commands({ url, folder, selection }, again) {
      mkdirSync(folder, { recursive: true })
      const download = [...dnf5.command, ...dnf5Options(dnf5, url, folder), 'reposync', '--norepopath']
      const tree = join(folder, 'tree')
      const into = ['--destdir', dnf5.path(tree)]
      if (selection === 'whole') return [[...download, '--download-metadata', ...into]]
      const newest = selection === 'newest' ? ['--newest-only'] : []
      const update = again ? ['--update'] : []
      const repodata = [...createrepo.command, '--quiet', ...update, createrepo.path(tree)]
      return [[...download, ...newest, ...into], repodata]
    },
  }
}

/** No repository but ours, and a cache of its own in the folder, so that a first run finds nothing there. */
function dnf5Options({ path }: Peer, url: string, folder: string): string[] {
  const settings = {
    reposdir: path(join(folder, 'none')),
    cachedir: path(join(folder, 'cache')),
    system_cachedir: path(join(folder, 'cache')),
  }
  const set = Object.entries(settings).map(([key, value]) => `--setopt=${key}=${value}`)
  return ['--quiet', ...set, `--repofrompath=bench,${url}`, '--repo=bench', '--no-gpgchecks']
}

/** How many packages a run has left in its folder. */
export function countPackages(folder: string): number {
  return globSync('{www/bench,tree}/**/*.rpm', { cwd: folder }).length
}

/** The version that a program's package.json tells, and whether it is the built one that runs. */
export function mirrorVersion(home: string): string {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  const built = statSync(join(home, 'dist/main.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const changed = globSync('src/**/*.ts', { cwd: home }).some((file) => statSync(join(home, file)).mtimeMs > built)
  return `mirror ${version} ${changed ? 'from src/ (npm run build first: it starts in half the time)' : 'as built in dist/'}`
}
