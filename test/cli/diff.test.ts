import { chmod, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { makeSite, runMirror } from '../helpers/mirror.ts'
import { artifactOf, modulesYaml } from '../helpers/modulemd.ts'
import type { PackageSpec, RepositoryOptions } from '../helpers/repository.ts'
import { makeRpm } from '../helpers/rpmfile.ts'
import { type Syncing, startSyncing } from '../sync/syncing.ts'

const version = (name: string, number: string, more: Partial<PackageSpec> = {}): PackageSpec => ({
  name,
  version: number,
  ...more,
})

/** A package file whose header says its epoch, which its name does not. */
const real = (name: string, number: string, epoch: number): PackageSpec => ({
  ...version(name, number, { epoch: String(epoch) }),
  body: makeRpm({ name, version: number, epoch, arch: 'x86_64' }),
})

const update = (id: string, type: string, severity: string, title: string, ...cves: string[]) =>
  `<update from="a" status="final" type="${type}" version="1"><id>${id}</id><title>${title}</title><severity>${severity}</severity>
  <references><reference href="https://a/${id}" id="${id}" type="self"/>${cves.map((cve) => `<reference href="https://a/${cve}" id="${cve}" type="cve"/>`).join('')}</references>
  <pkglist><collection/></pkglist></update>`

const group = (id: string, ...packages: string[]) =>
  `<group><id>${id}</id><name>${id}</name><packagelist>${packages.map((name) => `<packagereq>${name}</packagereq>`).join('')}</packagelist></group>`

function records(updates: string[], streams: [string, string, number][], groups: string[]): RepositoryOptions {
  const modules = streams.map(([name, stream, number]) => ({
    name,
    stream,
    version: number,
    artifacts: [artifactOf({ name: 'keeps' })],
  }))
  return {
    records: [
      { type: 'updateinfo', name: 'updateinfo.xml.gz', body: `<updates>${updates.join('')}</updates>` },
      { type: 'modules', name: 'modules.yaml', body: modulesYaml(modules) },
      { type: 'group', name: 'comps.xml', body: `<comps>${groups.join('')}</comps>` },
    ],
  }
}

const before = [
  ...['bash', 'lower', 'gone', 'again'].map((name) => version(name, '2')),
  real('real', '9', 1),
  ...['1', '2', '3'].map((number) => version('many', number)),
  ...['1', '2'].map((number) => version('fewer', number)),
  { name: 'keeps' },
]
const after = [
  version('bash', '10'),
  version('lower', '1.5'),
  version('again', '2', { buildTime: 1_800_000_000 }),
  version('new|er', '1'),
  real('real', '1', 2),
  ...['2', '3', '4'].map((number) => version('many', number)),
  version('fewer', '2'),
  { name: 'keeps' },
]
const told = {
  before: records(
    [
      update('OLD', 'bugfix', 'None', 'old'),
      update('SAME', 'security', 'Low', 'same', 'CVE-2020-1'),
      update('REWORDED', 'security', 'Low', 'was', 'CVE-2021-1'),
    ],
    [
      ['nginx', '1.22', 7],
      ['php', '8', 1],
      ['same', '1', 1],
    ],
    [group('core', 'bash'), group('dropped'), group('kept')],
  ),
  after: records(
    [
      update('SAME', 'security', 'Low', 'same', 'CVE-2020-1'),
      update('REWORDED', 'security', 'Low', 'is', 'CVE-2021-1'),
      update('NEW', 'security', 'Important', 'bash &lt;fix&gt; | *all*', 'CVE-2026-10', 'CVE-2026-9'),
    ],
    [
      ['nginx', '1.22', 12],
      ['nginx', '1.24', 3],
      ['same', '1', 1],
    ],
    [group('core', 'bash', 'real'), group('kept'), group('desktop')],
  ),
}

/** What the program says of a state that this process holds. */
function diff({ site }: Syncing, ...args: string[]) {
  return runMirror(['diff', ...args, '-c', site.configFile])
}

test('mirror diff of two generations says what came, went and changed, in each form', async () => {
  await using syncing = await startSyncing(before, told.before)
  await syncing.run()
  await syncing.offer(after, told.after)
  await syncing.run({}, { acceptShrink: true })
  const { status, stdout, stderr } = await diff(syncing, 'base')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'DAY')).toMatchInlineSnapshot(`
      "from base, generation 1 (DAY, 11 packages, 8.0 kB)
      to   base, generation 2 (DAY, 10 packages, 7.3 kB)
      3 upgraded, 1 downgraded, 1 added, 1 removed, 1 rebuilt, 1 with other old versions

      upgraded (3)
        bash.x86_64  2-1 -> 10-1
        many.x86_64  3-1 -> 4-1 (without 1-1)
        real.x86_64  1:9-1 -> 2:1-1

      downgraded (1)
        lower.x86_64  2-1 -> 1.5-1

      added (1)
        new|er.x86_64  1-1

      removed (1)
        gone.x86_64  2-1

      rebuilt (1)
        again.x86_64  2-1

      other old versions (1)
        fewer.x86_64  2-1 (without 1-1)

      modules (3)
        nginx:1.22 7 -> 12
        nginx:1.24 added (3)
        php:8 removed (1)

      groups (3)
        group desktop added
        group dropped removed
        group core changed

      advisories added (1)
        NEW  security  Important  bash <fix> | *all*  CVE-2026-10 CVE-2026-9

      advisories changed (1)
        REWORDED  security  Low  is  CVE-2021-1

      advisories removed (1)
        OLD  bugfix    old

      CVEs (3)
        CVE-2021-1
        CVE-2026-9
        CVE-2026-10
      "
    `)
  const json = JSON.parse((await diff(syncing, 'base', '1', '2', '--json')).stdout)
  expect(json).toMatchObject({
    before: { repo: 'base', path: 'base', generation: 1, packages: 11, trust: 'none', superseded: expect.any(String) },
    after: { generation: 2, packages: 10, superseded: null },
    counts: { upgraded: 3, downgraded: 1, added: 1, removed: 1, rebuilt: 1, versions: 1 },
    cves: ['CVE-2021-1', 'CVE-2026-9', 'CVE-2026-10'],
    modules: [
      { stream: 'nginx:1.22', before: '7', after: '12' },
      { stream: 'nginx:1.24', before: null, after: '3' },
      { stream: 'php:8', before: '1', after: null },
    ],
    groups: { added: ['group desktop'], removed: ['group dropped'], changed: ['group core'] },
    metadata: [],
    files: [],
  })
  expect(json.packages).toContainEqual({
    name: 'many',
    arch: 'x86_64',
    change: 'upgraded',
    before: '3-1',
    after: '4-1',
    came: ['4-1'],
    went: ['1-1'],
  })
  const markdown = (await diff(syncing, 'base', '--format', 'markdown')).stdout
  expect(markdown.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'DAY')).toMatchInlineSnapshot(`
      "# base: 3 upgraded, 1 downgraded, 1 added, 1 removed, 1 rebuilt, 1 with other old versions

      - from base, generation 1 (DAY, 11 packages, 8.0 kB)
      - to base, generation 2 (DAY, 10 packages, 7.3 kB)
      - 4.5 kB came, 5.2 kB went

      ## CVEs

      CVE-2021-1, CVE-2026-9, CVE-2026-10

      ## Advisories

      | id | type | severity | title | CVEs |
      | --- | --- | --- | --- | --- |
      | NEW | security | Important | bash &lt;fix> \\| \\*all\\* | CVE-2026-10, CVE-2026-9 |

      ## Advisories that changed

      | id | type | severity | title | CVEs |
      | --- | --- | --- | --- | --- |
      | REWORDED | security | Low | is | CVE-2021-1 |

      ## Advisories that are gone

      | id | type | severity | title | CVEs |
      | --- | --- | --- | --- | --- |
      | OLD | bugfix |  | old |  |

      ## Upgraded

      | package | version |
      | --- | --- |
      | bash.x86_64 | 2-1 -> 10-1 |
      | many.x86_64 | 3-1 -> 4-1 (without 1-1) |
      | real.x86_64 | 1:9-1 -> 2:1-1 |

      ## Downgraded

      | package | version |
      | --- | --- |
      | lower.x86_64 | 2-1 -> 1.5-1 |

      ## Added

      | package | version |
      | --- | --- |
      | new\\|er.x86_64 | 1-1 |

      ## Removed

      | package | version |
      | --- | --- |
      | gone.x86_64 | 2-1 |

      ## Rebuilt

      | package | version |
      | --- | --- |
      | again.x86_64 | 2-1 |

      ## Other old versions

      | package | version |
      | --- | --- |
      | fewer.x86_64 | 2-1 (without 1-1) |

      ## Modules

      - nginx:1.22 7 -> 12
      - nginx:1.24 added (3)
      - php:8 removed (1)

      ## Groups

      - group desktop added
      - group dropped removed
      - group core changed
      "
    `)
  const back = JSON.parse((await diff(syncing, 'base', '2', '1', '--json')).stdout)
  expect(back.counts).toEqual({ upgraded: 1, downgraded: 3, added: 1, removed: 1, rebuilt: 1, versions: 1 })
  expect(back.advisories.added).toEqual([{ id: 'OLD', type: 'bugfix', severity: 'None', title: 'old', cves: [] }])
})

test('mirror diff of what another path shows says what a promotion would bring', async () => {
  await using syncing = await startSyncing([version('bash', '2'), { name: 'keeps' }])
  await syncing.run({ path: 'prod/base' })
  await syncing.offer([version('bash', '3'), { name: 'keeps' }])
  await syncing.run()
  const { stdout, stderr } = await diff(syncing, 'prod:base')
  expect(stderr).toBe('')
  expect(stdout.replaceAll(/ \(.*\)/g, '')).toBe(
    'from prod:base, generation 1\nto   base, generation 1\n1 upgraded\n\nupgraded\n  bash.x86_64  2-1 -> 3-1\n',
  )
})

test('mirror diff of a generation and itself says that nothing differs', async () => {
  await using syncing = await startSyncing([{ name: 'keeps' }])
  await syncing.run()
  expect((await diff(syncing, 'base', '1')).stdout).toMatch(
    /^from base, generation 1 \(.*\)\nto {3}base, generation 1 \(.*\)\nno package differs\n$/,
  )
})

describe.concurrent('mirror diff', () => {
  test('names what there is not, and ends with status 2', async () => {
    await using syncing = await startSyncing([{ name: 'keeps' }])
    await syncing.run()
    const { status, stderr } = await diff(syncing, 'base')
    const refusal = 'E_USAGE: no generation of base before 1 is retained; there is 1\n'
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(refusal) })
    const both = await diff(syncing, 'base', '--json', '--format', 'text')
    expect(both.stderr).toContain('E_USAGE: --json and --format text: one of them is expected\n')
  })

  test('says so where nothing was ever published', async () => {
    await using site = await makeSite({ config: { repos: { base: { baseurl: 'http://127.0.0.1:9/' } } } })
    const { status, stderr } = await runMirror(['diff', 'base', '-c', site.configFile])
    const refusal = `E_USAGE: nothing was ever published by ${site.state}\n`
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(refusal) })
  })

  test('is what a hook can mail, beside the run that called it', async () => {
    await using syncing = await startSyncing([version('bash', '2')])
    await syncing.run()
    await syncing.offer([version('bash', '3')])
    const { site, state } = syncing
    const [hook, report] = [site.path('hook'), site.path('report.md')]
    const program = `"${process.execPath}" "${process.cwd()}/src/main.ts" -c "${site.configFile}"`
    await writeFile(hook, `#!/bin/sh\n${program} diff "$MIRROR_REPO" --format markdown > "${report}"\n`)
    await chmod(hook, 0o755)
    await syncing.repo({ on_publish: hook })
    state.close()
    const { status, stderr } = await runMirror(['sync', '-c', site.configFile])
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('on_publish') })
    expect(await readFile(report, 'utf8')).toMatch(/^# base: 1 upgraded\n[\s\S]*\| bash\.x86_64 \| 2-1 -> 3-1 \|\n$/)
  })
})
