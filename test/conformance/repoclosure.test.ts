import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unresolvable } from '../../src/lifecycle/closure/unresolvable.ts'
import { judge } from '../helpers/judges.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { documentsIn } from '../lifecycle/documentsIn.ts'
import { isolated, lines, run } from './clients.ts'
import { upstream } from './demo.ts'

const evr = fc.constantFrom('1', '1-1', '1-2', '1.0-1', '1:1', '1:0.5-1', '2', '2~rc1-1', '1^git-1', '3-1')
const relation = fc.constantFrom('<', '<=', '=', '=', '>=', '>')
const versioned = (name: string) => fc.tuple(relation, evr).map(([how, what]) => `${name} ${how} ${what}`)
const bare = fc.constantFrom(
  'bare',
  'absent',
  'other(arch)',
  'build-only',
  '/usr/bin/lib',
  '/opt/lib/here',
  '/opt/gone',
)
const single = fc.oneof(versioned('virtual(x)'), versioned('lib'), versioned('absent'), bare)
const operator = fc.constantFrom('and', 'or', 'with', 'without', 'if', 'unless')

const { rich } = fc.letrec<{ operand: string; rich: string }>((tie) => ({
  operand: fc.oneof({ weight: 3, arbitrary: single }, { weight: 1, arbitrary: tie('rich') }),
  rich: fc.oneof(
    fc.tuple(tie('operand'), operator, tie('operand')).map(([left, how, right]) => `(${left} ${how} ${right})`),
    fc
      .tuple(tie('operand'), fc.constantFrom('if', 'unless'), tie('operand'), tie('operand'))
      .map(([one, how, condition, other]) => `(${one} ${how} ${condition} else ${other})`),
  ),
}))

const required = fc.oneof({ weight: 1, arbitrary: single }, { weight: 2, arbitrary: rich })

/** Libraries of many versions, and applications that ask for them in every way; the same ones each time. */
function packages(count: number): PackageSpec[] {
  const provided = fc.sample(fc.tuple(relation, evr), { seed: 3, numRuns: 6 })
  const versions = ['1', '1.0', '2~rc1', '2', '1^git', '3']
  const libraries = provided.map(([how, what], i) => ({
    name: 'lib',
    epoch: String(i % 2),
    version: versions[i] as string,
    release: String(i),
    files: ['/usr/bin/lib', '/opt/lib/here'],
    provides: [`virtual(x) ${how} ${what}`, ...(i % 2 === 0 ? ['bare'] : [])],
  }))
  const useless = [
    { name: 'arm', arch: 'aarch64', provides: ['other(arch)'], requires: ['absent'] },
    { name: 'sources', arch: 'src', provides: ['build-only'], requires: ['absent', 'bare'] },
  ]
  const arch = (i: number) => ['x86_64', 'noarch', 'i686'][i % 3] as string
  const apps = fc.sample(required, { seed: 4, numRuns: count })
  return [...libraries, ...useless, ...apps.map((one, i) => ({ name: `app${i}`, arch: arch(i), requires: [one] }))]
}

test.skipIf(!judge('dnf'))('what is unresolvable is what dnf repoclosure says, whatever is asked for', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, packages(400))
  const ours = await broken([folder.path])
  expect(ours.length).toBeGreaterThan(100)
  expect(ours.length).toBeLessThan(300)
  expect(ours).toEqual(await repoclosure(folder.path, [folder.path]))
})

test.skipIf(!judge('dnf'))('of the demo, alone and with another repository beside it', async () => {
  await using folder = await makeTemporaryFolder()
  await using beside = await makeTemporaryFolder()
  await makeRepository(beside.path, [{ name: 'beside', provides: ['bundled(lantern)'], files: ['/opt/beside'] }])
  const needs = { name: 'needs', requires: ['beside', '/opt/beside', 'lantern', 'nowhere > 1'] }
  await makeRepository(folder.path, [needs])
  for (const repos of [[upstream], [folder.path], [folder.path, beside.path, upstream]])
    expect(await broken(repos)).toEqual(await repoclosure(folder.path, repos))
  expect(await broken([folder.path, beside.path, upstream])).toEqual(['needs-1.0-1.x86_64'])
})

async function broken([checked = '', ...others]: string[]): Promise<string[]> {
  const view = { checked: documentsIn(checked), others: others.map(documentsIn) }
  return [...new Set((await unresolvable(view, 'x86_64')).map(({ nevra }) => nevra))].sort()
}

/** The packages of the first repository of which dnf says that something is missing; it ends with an error then. */
async function repoclosure(home: string, repos: readonly string[]): Promise<string[]> {
  const known = repos.map((repo, i) => `--repofrompath=r${i},${repo}`)
  const enabled = repos.map((_, i) => `--repo=r${i}`)
  const told = await run('dnf', [...isolated(home), ...known, ...enabled, 'repoclosure', '--check=r0']).catch(
    (error: { stdout: string }) => error.stdout,
  )
  return lines(told)
    .flatMap((line) => /^package: (\S+) from /.exec(line)?.[1] ?? [])
    .sort()
}
