import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program to its end; returns its stdout, throws with its stderr where it fails. */
export async function run(command: string, args: string[], cwd?: string): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', COLUMNS: '200' }
  const { stdout } = await execute(command, args, { env, cwd, maxBuffer: 2 ** 28 })
  return stdout
}

/** Lines in an order of their own, to be compared as sets; a line that occurs twice stays twice. */
export function lines(text: string): string[] {
  return text.split('\n').filter(Boolean).sort()
}

/** Some clients only work for root; their tests are skipped for others. */
export const isRoot = process.getuid?.() === 0

/**
 * Whether a client is there that Debian 12 does not have, or not usable. Unlike a judge it may be missing in CI too.
 */
export function installed(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined
}

/** Runs dnf on one repository, which is its only one and called `t`. */
export type Dnf = (repo: string, verb: string, ...args: string[]) => Promise<string>

/** dnf (4 or 5) isolated in a folder; see `isolated`. */
export function dnfIn(folder: string, command: 'dnf' | 'dnf5' = 'dnf'): Dnf {
  const options = isolated(folder, command)
  return (repo, verb, ...args) => run(command, [...options, `--repofrompath=t,${repo}`, '--repo=t', verb, ...args])
}

/**
 * Options with which dnf knows nothing of this machine's configuration and is on an x86_64 host of release 9. All that
 * it keeps is in `folder`. It reads repositories anew each time, and one that it cannot read is an error.
 */
export function isolated(folder: string, command: 'dnf' | 'dnf5' = 'dnf'): string[] {
  const home = join(folder, command)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'dnf.conf'), '[main]\n')
  const host = ['--releasever=9', '--forcearch=x86_64', '--setopt=module_platform_id=platform:el9']
  const own = [...['cachedir', 'system_cachedir', 'persistdir', 'system_state_dir'].map(keptIn(home)), `logdir=${home}`]
  const nothing = ['reposdir=/dev/null', 'varsdir=/dev/null', 'gpgcheck=0', 'skip_if_unavailable=0']
  const settings = [...own.filter((setting) => knows(command, setting)), ...nothing]
  return [
    '-q',
    '--refresh',
    `--config=${join(home, 'dnf.conf')}`,
    ...settings.map((setting) => `--setopt=${setting}`),
    ...host,
  ]
}

function keptIn(home: string): (setting: string) => string {
  return (setting) => `${setting}=${join(home, setting)}`
}

/** dnf 4 refuses settings that it does not know, and so does dnf 5. */
function knows(command: string, setting: string): boolean {
  const ofOne = command === 'dnf' ? 'system_' : 'persistdir'
  return !setting.startsWith(ofOne)
}

/** Full NEVRAs, always with their epoch, as the format of dnf's repoquery and of test/helpers/checker. */
const nevraFormat = '%{name}-%{epoch}:%{version}-%{release}.%{arch}\n'

/** The NEVRAs of all packages that dnf sees, those of streams that are not the default too, sorted. */
export async function nevras(dnf: Dnf, repo: string, ...options: string[]): Promise<string[]> {
  return lines(await dnf(repo, 'repoquery', '--disable-modular-filtering', `--queryformat=${nevraFormat}`, ...options))
}

/** The hrefs below the repository of the packages that `dnf reposync` would fetch, as URLs are written plainly. */
export async function reposyncHrefs(dnf: Dnf, repo: string, ...options: string[]): Promise<string[]> {
  return hrefs(await dnf(repo, 'reposync', '--urls', ...options), repo)
}

/** What follows the repository in each URL of a list, percent encoding undone. */
export function hrefs(urls: string, repo: string): string[] {
  const base = decodeURI(new URL(repo.startsWith('/') ? `file://${repo}/` : repo).href)
  return lines(urls)
    .map((url) => decodeURIComponent(url).replace(base, ''))
    .sort()
}
