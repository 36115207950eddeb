import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeSite } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { dnfIn, lines, nevras } from './clients.ts'
import { sync } from './published.ts'

const evr = fc.constantFrom(
  '1',
  '1-1',
  '1-2',
  '1.0-1',
  '1:1',
  '1:0.5-1',
  '2',
  '2~rc1-1',
  '2-0',
  '1^git-1',
  '0:2-1',
  '3-1',
)
const relation = fc.constantFrom('<', '<=', '=', '=', '=', '=', '=', '>=', '>')
const versioned = (name: string) => fc.tuple(relation, evr).map(([how, what]) => `${name} ${how} ${what}`)
const name = fc.constantFrom('virtual(x)', 'virtual(x)', 'lib')
const one = fc.oneof(name.chain(versioned), name.chain(versioned), name.chain(versioned), fc.constant('bare'))
const rich = fc
  .tuple(one, fc.constantFrom('and', 'or', 'with'), one)
  .map(([left, operator, right]) => `(${left} ${operator} ${right})`)

/** Libraries of many versions, and applications that ask for them in every way; the same ones each time. */
function hardPackages(): PackageSpec[] {
  const [provided, required] = [
    fc.sample(fc.tuple(relation, evr), { seed: 3, numRuns: 6 }),
    fc.sample(fc.oneof(one, one, rich), { seed: 2, numRuns: 150 }),
  ]
  const versions = ['1', '1.0', '2~rc1', '2', '1^git', '3']
  const libraries = provided.map(([how, what], i) => ({
    name: 'lib',
    epoch: String(i % 2),
    version: versions[i % versions.length] as string,
    release: String(i),
    provides: [`virtual(x) ${how} ${what}`, 'bare'],
  }))
  return [...libraries, ...required.map((capability, i) => ({ name: `app${i}`, requires: [capability] }))]
}

test.skipIf(!judge('dnf'))('dnf repoclosure misses here what it misses on the upstream, and nothing else', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, hardPackages())
  const apps = (part: number) =>
    Array.from({ length: 150 }, (_, i) => i)
      .filter((i) => i % 10 === part)
      .map((i) => `app${i}`)
  const parts = Array.from({ length: 10 }, (_, part) => [`part${part}`, apps(part)] as const)
  const repos = Object.fromEntries(
    parts.map(([id, includepkgs]) => [id, { baseurl: folder.path, includepkgs, with_deps: true }]),
  )
  await using site = await makeSite({ config: { repos } })
  await sync(site)
  const dnf = dnfIn(site.dir)
  const broken = await unresolved((...args) => dnf(folder.path, 'repoclosure', ...args))
  expect(broken.length).toBeGreaterThan(10)
  expect(broken.length).toBeLessThan(120)
  const found: string[] = []
  let libraries = 0
  for (const [id] of parts) {
    found.push(...(await unresolved((...args) => dnf(site.path(`root/${id}`), 'repoclosure', ...args))))
    libraries += (await nevras(dnf, site.path(`root/${id}`), 'lib')).length
  }
  expect(found.sort()).toEqual(broken)
  expect(libraries).toBeLessThan(100)
})

/** The packages of which repoclosure says that something is missing; it ends with an error then. */
async function unresolved(repoclosure: () => Promise<string>): Promise<string[]> {
  const told = await repoclosure().catch((error: { stdout: string }) => error.stdout)
  return lines(told)
    .filter((line) => line.startsWith('package: '))
    .sort()
}
