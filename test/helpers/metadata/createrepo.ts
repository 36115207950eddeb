import { spawnSync } from 'node:child_process'

/** How a run of createrepo_c, or of `mirror createrepo`, ended. */
export interface CreaterepoResult {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs the real createrepo_c of the PATH to its end, in English; a run of more than 30 s is killed. */
export function runCreaterepoC(args: string[], cwd?: string): CreaterepoResult {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  const { status, stdout, stderr } = spawnSync('createrepo_c', args, { encoding: 'utf8', env, cwd, timeout: 30_000 })
  return { status, stdout, stderr }
}

let version: string | undefined

/** The version of the createrepo_c of the PATH, as `0.17.3`; empty where there is none. */
export function createrepoCVersion(): string {
  version ??= /Version: (\S+)/.exec(spawnSync('createrepo_c', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]
  return version ?? ''
}
