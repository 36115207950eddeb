import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Order } from '../../src/rpm/evr.ts'
import { formatNevra, type Nevra } from '../../src/rpm/nevra.ts'

/** The installed rpm's order of pairs of `[epoch:]version[-release]`, asked in one call. */
export function askRpm(pairs: readonly (readonly [string, string])[]): Order[] {
  const script = String.raw`
local orders = {}
for line in io.lines() do orders[#orders + 1] = rpm.vercmp(line:match("^(.*)\t(.*)$")) end
print(table.concat(orders, " "))`
  const answer = run('rpm', ['--eval', `%{lua:${script}}`], pairs.map((pair) => `${pair.join('\t')}\n`).join(''))
  return answer.trim().split(' ').map(Number) as Order[]
}

/** Text that makes rpm compare versions alone, whatever stands in them. */
export function asVersion(version: string): string {
  return `0:${version}-0`
}

/** The C library's `fnmatch(pattern, text, 0)`, which is what libdnf calls, for every pair. */
export function askFnmatch(pairs: readonly (readonly [pattern: string, text: string])[]): boolean[] {
  const script = `
import ctypes, json, sys
fnmatch = ctypes.CDLL(None).fnmatch
print(json.dumps([fnmatch(p.encode(), t.encode(), 0) == 0 for p, t in json.load(sys.stdin)]))`
  return JSON.parse(run('python3', ['-c', script], JSON.stringify(pairs)))
}

/**
 * Which of the packages, as `name-epoch:version-release.arch`, the installed dnf excludes for each pattern. One call sees one
 * repository with the same packages for every pattern, so that they do not disturb each other; the folder is left behind.
 */
export function askDnf(folder: string, packages: readonly Nevra[], patterns: readonly string[]): string[][] {
  const repository = join(folder, 'repository')
  writeRepodata(repository, packages)
  const repos = patterns.flatMap((pattern, i) => [
    `--repofrompath=r${i},${repository}`,
    `--setopt=r${i}.excludepkgs=${pattern}`,
  ])
  const root = ['--installroot', join(folder, 'root'), '--releasever=1', `--setopt=cachedir=${join(folder, 'cache')}`]
  const query = ['repoquery', '--queryformat', '%{repoid} %{name}-%{epoch}:%{version}-%{release}.%{arch}\n']
  const shown = run('dnf', ['-q', '--noplugins', ...root, '--disablerepo=*', ...repos, ...query], '').split('\n')
  const kept = new Set(shown)
  return patterns.map((_, i) => packages.map(formatLabel).filter((label) => !kept.has(`r${i} ${label}`)))
}

/** Whether dnf is dnf 4, which reads patterns a little differently from dnf 5 (1.0 is not 1.00 there); says so when it is not. */
export function isDnf4(): boolean {
  const version = run('dnf', ['--version'], '')
  if (!version.startsWith('4.')) console.warn('skipped: the installed dnf is not dnf 4')
  return version.startsWith('4.')
}

/** What libsolv lets hosts of these arches install, best first but for `noarch`; undefined where python3-hawkey is missing. */
export function askHawkey(arches: readonly string[]): string[][] | undefined {
  return askPython('import hawkey', '[hawkey.Sack(arch=arch).list_arches() for arch in given]', arches) as string[][]
}

/** dnf's basearch of every arch that it knows; undefined where dnf 4's Python modules are missing. */
export function askBasearches(): Record<string, string> | undefined {
  return askPython('import dnf.rpm', 'dnf.rpm._BASEARCH_MAP', []) as Record<string, string>
}

function askPython(imports: string, expression: string, given: readonly string[]): unknown {
  const script = `import json, sys\n${imports}\ngiven = json.load(sys.stdin)\nprint(json.dumps(${expression}))`
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', script], { input: JSON.stringify(given) })
  if (status === 0) return JSON.parse(stdout.toString())
  console.warn(`skipped: Python cannot ${imports}`)
  return undefined
}

/** Every arch that the installed rpm's rpmrc gives a canonical name. */
export function askRpmArches(): string[] {
  const rpmrc = readFileSync(join(run('rpm', ['--eval', '%{_rpmconfigdir}'], '').trim(), 'rpmrc'), 'utf8')
  return Array.from(rpmrc.matchAll(/^arch_canon:\s*([^:\s]+):/gm), ([, arch]) => arch!)
}

/** `name-epoch:version-release.arch`, the epoch also when it is 0. */
export function formatLabel({ name, epoch, version, release, arch }: Nevra): string {
  return `${name}-${epoch}:${version}-${release}.${arch}`
}

function run(command: string, args: string[], input: string): string {
  return execFileSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: 'C' },
  })
}

/** The least of a repository that dnf reads: a repomd.xml and a primary.xml without any package files. */
function writeRepodata(folder: string, packages: readonly Nevra[]): void {
  const primary = `<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="${packages.length}">
${packages.map(primaryRecord).join('\n')}
</metadata>
`
  const repomd = `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision><data type="primary">
<checksum type="sha256">${sha256(primary)}</checksum><location href="repodata/primary.xml"/>
</data></repomd>
`
  mkdirSync(join(folder, 'repodata'), { recursive: true })
  writeFileSync(join(folder, 'repodata/primary.xml'), primary)
  writeFileSync(join(folder, 'repodata/repomd.xml'), repomd)
}

function primaryRecord(nevra: Nevra): string {
  const { name, epoch, version, release, arch } = nevra
  return `<package type="rpm"><name>${name}</name><arch>${arch}</arch>
<version epoch="${epoch}" ver="${version}" rel="${release}"/>
<checksum type="sha256" pkgid="YES">${sha256(formatLabel(nevra))}</checksum><summary/><description/><packager/><url/>
<time file="1" build="1"/><size package="1" installed="1" archive="1"/><location href="${formatNevra(nevra)}.rpm"/>
<format><rpm:license/></format></package>`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
