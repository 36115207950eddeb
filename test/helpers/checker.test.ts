import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkTree } from './checker.ts'
import { judge } from './judges.ts'
import { type Compression, makeRepository, type PackageSpec, type RepositoryOptions } from './repository.ts'
import { makeTemporaryFolder } from './temporary.ts'
import { damaged, startUpstream } from './upstream.ts'

const specs: PackageSpec[] = [{ name: 'alpha' }, { name: 'beta', epoch: '1' }, { name: 'gamma', arch: 'noarch' }]
const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'

/** The problems of a repository after something was done to it. */
async function problemsAfter(
  damage: (dir: string) => unknown,
  options: RepositoryOptions = {},
  packages: PackageSpec[] = specs,
): Promise<string[]> {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, packages, { simpleNames: true, ...options })
  await damage(folder.path)
  return (await checkTree(folder.path)).problems
}

const nothing = () => {}

/** Those that this machine can write. */
const compressions: Compression[] = ['gz', 'zst']
if (judge('xz')) compressions.push('xz')
if (judge('bzip2')) compressions.push('bz2')

/** Changes a file as text. */
async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8')
  const after = change(before)
  expect(after, `${file} is not changed`).not.toBe(before)
  await writeFile(file, after)
}

/** Changes a document and describes it truly in repomd.xml, as a faulty writer of repositories would. */
async function rewrite(dir: string, type: string, change: (text: string) => string): Promise<void> {
  const file = join(dir, `repodata/${type}.xml.gz`)
  const before = await readFile(file)
  const after = gzipSync(change(gunzipSync(before).toString()))
  await writeFile(file, after)
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  await edit(join(dir, 'repodata/repomd.xml'), (text) =>
    text
      .replace(sha256(before), sha256(after))
      .replace(sha256(gunzipSync(before)), sha256(gunzipSync(after)))
      .replace(`<size>${before.length}<`, `<size>${after.length}<`)
      .replace(`<open-size>${gunzipSync(before).length}<`, `<open-size>${gunzipSync(after).length}<`),
  )
}

describe('a whole repository', () => {
  test('has no problem, in a folder and over HTTP alike', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs, { revision: '42', compression: { primary: 'zst', other: 'none' } })
    await using upstream = await startUpstream(folder.path)
    const report = await checkTree(folder.path)
    expect(report).toMatchObject({ problems: [], revision: '42' })
    expect(report.packages.map(({ nevra }) => nevra)).toEqual([
      'alpha-0:1.0-1.x86_64',
      'beta-1:1.0-1.x86_64',
      'gamma-0:1.0-1.noarch',
    ])
    expect(report.packages[0]?.href).toBe(alpha)
    expect(await checkTree(upstream.url)).toEqual(report)
    expect(upstream.requests).toHaveLength(7)
  })

  test('has no problem without any package', async () => {
    expect(await problemsAfter(nothing, {}, [])).toEqual([])
  })

  test('is read one file after another', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    await using upstream = await startUpstream(folder.path)
    const counts: number[] = []
    const before = () => void counts.push(upstream.requests.filter(({ status }) => status === 0).length)
    upstream.rules.push({
      path: /./,
      fault: [
        { kind: 'hook', before },
        { kind: 'delay', ms: 5 },
      ],
    })
    await checkTree(upstream.url)
    expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1])
  })

  test('is read in part where a sample is asked for', async () => {
    await using folder = await makeTemporaryFolder()
    const many = Array.from({ length: 10 }, (_, at) => ({ name: `p${at}` }))
    await makeRepository(folder.path, many)
    await using upstream = await startUpstream(folder.path)
    for (const [verifyPackages, wanted] of [
      ['none', 0],
      [3, 3],
      [50, 10],
      ['all', 10],
    ] as const) {
      upstream.requests.length = 0
      await checkTree(upstream.url, { verifyPackages })
      expect(upstream.requests.filter(({ path }) => path.endsWith('.rpm'))).toHaveLength(wanted)
    }
  })

  test('may have packages elsewhere, below their xml:base', async () => {
    await using elsewhere = await makeTemporaryFolder()
    await makeRepository(elsewhere.path, [{ name: 'far' }])
    await using upstream = await startUpstream(elsewhere.path)
    const packages = [
      { name: 'far', xmlBase: upstream.url },
      { name: 'near', xmlBase: 'sub/' },
    ]
    expect(await problemsAfter(nothing, {}, packages)).toEqual([])
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/Packages/f/far-1.0-1.x86_64.rpm'])
  })
})

describe('damage to packages is a problem', () => {
  test('a missing file', async () => {
    expect(await problemsAfter((dir) => rm(join(dir, alpha)))).toEqual([`${alpha}: cannot be read (ENOENT)`])
  })

  test('one flipped bit', async () => {
    const flip = async (dir: string) => writeFile(join(dir, alpha), damaged(await readFile(join(dir, alpha))))
    expect(await problemsAfter(flip)).toEqual([expect.stringMatching(`^${alpha}: sha256 expected .{64}, found .{64}$`)])
  })

  test('a truncated file', async () => {
    const problems = await problemsAfter((dir) => truncate(join(dir, alpha), 699))
    expect(problems).toEqual([`${alpha}: size expected 700, found 699`, expect.stringContaining('sha256 expected')])
  })

  test('a wrong size beside the right checksum', async () => {
    const problems = await problemsAfter(nothing, {}, [{ name: 'alpha', fake: { size: 701 } }])
    expect(problems).toEqual([`${alpha}: size expected 701, found 700`])
  })

  test('an href that leaves the repository', async () => {
    for (const href of ['../x.rpm', '/etc/passwd', 'a/%2e%2e/%2e%2e/x.rpm', 'http://127.0.0.1:1/x.rpm']) {
      const problems = await problemsAfter(nothing, {}, [{ name: 'alpha', fake: { href } }])
      expect(problems).toEqual([`${href}: the href leaves the repository`])
    }
  })

  test('one href for two packages', async () => {
    const problems = await problemsAfter(nothing, {}, [{ name: 'alpha' }, { name: 'beta', fake: { href: alpha } }])
    expect(problems).toContain(`primary: two packages at ${alpha}`)
  })
})

describe('damage to metadata is a problem', () => {
  test('no repomd.xml', async () => {
    const problems = await problemsAfter((dir) => rm(join(dir, 'repodata/repomd.xml')))
    expect(problems).toEqual(['repodata/repomd.xml: cannot be read (ENOENT)'])
  })

  test('a repomd.xml that is cut', async () => {
    const problems = await problemsAfter((dir) => edit(join(dir, 'repodata/repomd.xml'), (text) => text.slice(0, -20)))
    expect(problems).toEqual([expect.stringMatching(/^repodata\/repomd\.xml: (not well-formed|the document ends)/)])
  })

  test('something else in place of repomd.xml', async () => {
    const problems = await problemsAfter((dir) => writeFile(join(dir, 'repodata/repomd.xml'), '<html><br/></html>'))
    expect(problems).toEqual(['repodata/repomd.xml: the root element is html'])
  })

  test('a missing file, of any type', async () => {
    const comps = { type: 'group', name: 'comps.xml', body: '<comps/>' }
    const removal = { records: [comps], removeFiles: ['repodata/comps.xml'] }
    expect(await problemsAfter(nothing, removal)).toEqual(['repodata/comps.xml: cannot be read (ENOENT)'])
  })

  test.each(['primary', 'filelists', 'other'])('one flipped bit in %s', async (type) => {
    const name = `repodata/${type}.xml.gz`
    // Byte 9 tells the operating system that compressed it, so that only the checksum of the file is wrong.
    const flip = async (dir: string) => writeFile(join(dir, name), damaged(await readFile(join(dir, name)), 9))
    expect(await problemsAfter(flip)).toEqual([expect.stringMatching(`^${name}: sha256 expected`)])
  })

  test.each(compressions)('a wrong open-checksum and open-size of %s', async (compression) => {
    const lie = (dir: string) =>
      edit(join(dir, 'repodata/repomd.xml'), (text) =>
        text.replace(/(<open-checksum type="sha256">)./, '$1x').replace(/<open-size>/, '<open-size>9'),
      )
    const name = `repodata/primary.xml.${compression}`
    expect(await problemsAfter(lie, { compression })).toEqual([
      expect.stringMatching(`^${name}: open size expected 9`),
      expect.stringMatching(`^${name}: open sha256 expected x`),
    ])
  })

  test('a package that filelists does not know', async () => {
    const problems = await problemsAfter(nothing, { omitFromFilelists: ['beta'] })
    expect(problems).toEqual([expect.stringMatching(/^filelists: lacks beta-1:1\.0-1\.x86_64/)])
  })

  test('a package that only filelists knows', async () => {
    const forget = (dir: string) =>
      rewrite(dir, 'primary', (text) => text.replace(/<package type.*?<\/package>\n/s, '').replace('"3"', '"2"'))
    expect(await problemsAfter(forget)).toEqual([
      expect.stringMatching(/^filelists: has alpha-0:1\.0-1\.x86_64.*, which primary has not/),
      expect.stringMatching(/^other: has alpha/),
    ])
  })

  test('another order', async () => {
    const problems = await problemsAfter(nothing, { order: 'reversed' })
    expect(problems).toEqual([
      expect.stringMatching(/^filelists: another order than primary, at 0 alpha.* and gamma/),
      expect.stringMatching(/^other: another order/),
    ])
  })

  test.each(['primary', 'filelists', 'other'])('a wrong packages= in %s', async (type) => {
    const problems = await problemsAfter(nothing, { packagesCount: { [type]: 4 } })
    expect(problems).toEqual([`${type}: packages="4" but it lists 3`])
  })

  test.each(['filelists', 'other'] as const)('no %s', async (type) => {
    expect(await problemsAfter(nothing, { omit: [type] })).toEqual([`${type}: there is none that can be read`])
  })

  test('a package without a location', async () => {
    const forget = (dir: string) => rewrite(dir, 'primary', (text) => text.replace(/ *<location.*?\/>\n/, ''))
    expect(await problemsAfter(forget)).toEqual(['primary: alpha-0:1.0-1.x86_64 has no location'])
  })

  test('a package without a size or with an unknown kind of checksum', async () => {
    const blur = (dir: string) =>
      rewrite(dir, 'primary', (text) => text.replace(/ *<size.*?\/>\n/, '').replace('"sha256" pkgid', '"crc" pkgid'))
    const problems = await problemsAfter(blur)
    expect(problems).toEqual([`${alpha}: size expected NaN, found 700`, `${alpha}: unknown checksum type crc`])
  })

  test.each([
    ['is cut', (text: string) => text.slice(0, -12), 'the document ends within'],
    ['has an end tag too many', (text: string) => `${text}</metadata>`, 'nothing ends as metadata'],
    ['has a second root', (text: string) => `${text}<metadata/>`, 'a second root element'],
    ['crosses its tags', (text: string) => text.replace('</name>', '</nome>'), 'name ends as nome'],
    ['has a bare ampersand', (text: string) => text.replace('The alpha', 'R&D'), 'unknown entity'],
    ['has a DOCTYPE', (text: string) => text.replace('<metadata', '<!DOCTYPE m>\n<metadata'), 'not well-formed'],
  ])('a primary that %s', async (_, change, problem) => {
    const problems = await problemsAfter((dir) => rewrite(dir, 'primary', change))
    expect(problems).toEqual([expect.stringMatching(`^primary: .*${problem}`)])
  })

  test('prefixed elements, in which clients find no package', async () => {
    const problems = await problemsAfter(nothing, { style: 'prefixed' })
    expect(problems).toContain('primary: the root element is c:metadata')
  })
})

describe('what goes wrong over HTTP is a problem', () => {
  test.each([
    [{ kind: 'status', status: 404 }, `${alpha}: status 404`],
    [{ kind: 'truncate', after: 20 }, `${alpha}: aborted`],
    [{ kind: 'noLength', cutAfter: 20 }, `${alpha}: size expected 700, found 20`],
    [{ kind: 'redirect', location: '/' }, `${alpha}: status 302`],
  ] as const)('%o', async (fault, problem) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    await using upstream = await startUpstream(folder.path, [{ path: alpha, fault }])
    expect((await checkTree(upstream.url)).problems[0]).toBe(problem)
  })

  test('but not a kept connection that the server closes before it is used again', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    await using upstream = await startUpstream(folder.path, [{ path: alpha, times: 1, fault: { kind: 'reset' } }])
    expect((await checkTree(upstream.url)).problems).toEqual([])
  })
})

test('as a program it prints the problems and exits with 1', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, specs)
  const run = () =>
    execFileSync(process.execPath, [join(import.meta.dirname, 'checker.ts'), folder.path], { encoding: 'utf8' })
  expect(run()).toBe(`${folder.path}: whole, 3 packages\n`)
  await rm(join(folder.path, alpha))
  expect(run).toThrow(
    expect.objectContaining({ status: 1, stdout: expect.stringContaining(`${alpha}: cannot be read`) }),
  )
})

describe.skipIf(!judge('rpmbuild', 'createrepo_c'))('a repository of createrepo_c', () => {
  test('has no problem, and one is found once a package is replaced', async () => {
    await using folder = await makeTemporaryFolder()
    const repo = await buildRealRepository(folder.path)
    const report = await checkTree(repo)
    expect(report.problems).toEqual([])
    expect(report.packages.map(({ nevra }) => nevra)).toEqual(['one-0:1.0-1.noarch', 'two-0:1.0-1.noarch'])
    await rename(join(repo, 'noarch/one-1.0-1.noarch.rpm'), join(repo, 'noarch/two-1.0-1.noarch.rpm'))
    const { problems } = await checkTree(repo)
    expect(problems.join('\n')).toMatch(
      /one-1\.0-1\.noarch\.rpm: cannot be read.*two-1\.0-1\.noarch\.rpm: .*sha256 expected/s,
    )
  })
})

async function buildRealRepository(dir: string): Promise<string> {
  const repo = join(dir, 'repo')
  await mkdir(repo)
  for (const name of ['one', 'two']) {
    const spec = join(dir, `${name}.spec`)
    const head = `Name: ${name}\nVersion: 1.0\nRelease: 1\nSummary: ${name} & <co>\nLicense: MIT\nBuildArch: noarch\n`
    await writeFile(spec, `${head}%description\n${name}\n%files\n`)
    const folders = ['-D', `_topdir ${dir}/build`, '-D', `_rpmdir ${repo}`]
    execFileSync('rpmbuild', ['-bb', ...folders, spec], { stdio: 'pipe' })
  }
  execFileSync('createrepo_c', ['--quiet', repo], { stdio: 'pipe' })
  expect(await readdir(join(repo, 'noarch'))).toHaveLength(2)
  return repo
}
