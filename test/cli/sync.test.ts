import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { runMirror } from '../helpers/mirror.ts'
import { makeMirrored } from './mirrored.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))

describe.concurrent('mirror sync', () => {
  test('prints how each repository fared; a run with nothing to do is done too', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const first = await mirrored.mirror('sync')
    expect(first.status).toBe(0)
    expect(first.stdout).toMatch(
      /^repository {2}packages {2}added {2}removed {2}fetched {2}seconds {2}result\none +2 +2 +0 +[\d.]+ kB +[\d.]+ {2}generation 1\n$/,
    )
    expect(first.stderr.split('\n')).toEqual([
      'one: reading the upstream',
      'one: fetching what is new of 2 packages (1.4 kB)',
      'one: writing repodata',
      'one: publishing',
      '',
    ])
    const second = await mirrored.mirror('sync')
    expect([second.status, second.stderr]).toEqual([0, ''])
    expect(second.stdout).toMatch(/\none +2 +0 +0 +0 B +[\d.]+ {2}unchanged\n$/)
  })

  test.each(['text', 'json'])('goes on where its %s log finds the disk full', async (format) => {
    await using mirrored = await makeMirrored({ one: packages })
    const main = new URL('../../src/main.ts', import.meta.url).pathname
    const command = ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh', process.execPath, main] as const
    const args = ['sync', '--log-format', format, '-c', mirrored.site.configFile]
    const { status, stdout } = await runMirror(args, { command })
    expect([status, stdout]).toEqual([0, expect.stringContaining('generation 1')])
  })

  test('a failed repository is one line on stderr and status 1, and the others are done', async () => {
    await using mirrored = await makeMirrored({ bad: packages, good: packages })
    await mirrored.mirror('sync')
    for (const id of ['bad', 'good']) await mirrored.offer(id, [{ name: `new-${id}` }])
    mirrored.upstream.rules.push({ path: /new-bad/, fault: { kind: 'status', status: 403 } })
    const { status, stdout, stderr } = await mirrored.mirror('sync')
    expect(status).toBe(1)
    const url = `${mirrored.upstream.url}bad/Packages/n/new-bad-1.0-1.x86_64.rpm`
    const errors = stderr.split('\n').filter((line) => line.includes('E_'))
    expect(errors).toEqual([
      `E_HTTP bad: Cannot fetch new-bad-1.0-1.x86_64 from ${url}: HTTP status 403 (forbidden); generation 1 is still served`,
    ])
    expect(stdout).toMatch(/\nbad +- +- +- +- +[\d.]+ {2}E_HTTP\ngood +1 +1 +2 .*generation 2\n$/)
  })

  test('--json is one object on stdout', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const { status, stdout } = await mirrored.mirror('sync', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      repos: [
        {
          repo: 'one',
          path: 'one',
          result: 'published',
          generation: 1,
          packages: 2,
          added: 2,
          removed: 0,
          bytes: expect.any(Number),
          seconds: expect.any(Number),
        },
      ],
    })
  })

  test('only the repositories that are named are synced', async () => {
    await using mirrored = await makeMirrored({ 'epel-9': packages, 'epel-10': packages, base: packages })
    const { stdout } = await mirrored.mirror('sync', '--json', 'epel-*')
    expect(JSON.parse(stdout)).toMatchObject({ repos: [{ repo: 'epel-9' }, { repo: 'epel-10' }] })
    expect(mirrored.upstream.requests.filter(({ path }) => path.startsWith('/base'))).toEqual([])
  })

  test('--newest-only selects for this run, and is told then and later', async () => {
    await using mirrored = await makeMirrored({ one: [...packages, { name: 'alpha', version: '2.0' }] })
    const { stderr } = await mirrored.mirror('sync', '--newest-only')
    expect(stderr).toContain(`warning: this run selects by --newest-only, not as ${mirrored.site.configFile} says\n`)
    expect((await checkTree(`${mirrored.site.root}/one`)).packages).toHaveLength(2)
    expect((await mirrored.mirror('status')).stdout).toContain('published (published with --newest-only)')
    await mirrored.mirror('sync')
    expect((await checkTree(`${mirrored.site.root}/one`)).packages).toHaveLength(3)
  })

  test('--min-buildtime takes what was built since a day begins in UTC', async () => {
    const [evening, midnight] = [1_706_659_199, 1_706_659_200]
    const one = [
      { name: 'alpha', buildTime: evening },
      { name: 'beta', buildTime: midnight },
    ]
    await using mirrored = await makeMirrored({ one })
    const { stdout } = await mirrored.mirror('sync', '--urls', '--min-buildtime', '2024-01-31')
    expect(stdout).toMatch(/^\S+\/beta-1\.0-1\.x86_64\.rpm\n$/)
    const { status, stderr } = await mirrored.mirror('sync', '--min-buildtime', 'yesterday')
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--min-buildtime yesterday: '),
    })
  })

  test('--dry-run and --urls tell what would be fetched, and fetch no package', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const dry = await mirrored.mirror('sync', '--dry-run')
    expect(dry.status).toBe(0)
    expect(dry.stdout).toMatch(
      /^repository {2}upstream {2}selected +size {2}to fetch +size\none +2 +2 +1\.4 kB +2 +1\.4 kB\n$/,
    )
    const json = await mirrored.mirror('sync', '--dry-run', '--json')
    const counts = { listed: 2, packages: 2, bytes: 1400, missing: 2, missingBytes: 1400 }
    expect(JSON.parse(json.stdout)).toEqual({ repos: [{ repo: 'one', ...counts }] })
    const urls = await mirrored.mirror('sync', '--urls')
    expect(urls.stdout.trimEnd().split('\n')).toEqual(
      ['a/alpha', 'b/beta'].map((name) => `${mirrored.upstream.url}one/Packages/${name}-1.0-1.x86_64.rpm`),
    )
    expect(mirrored.upstream.requests.filter(({ path }) => path.endsWith('.rpm'))).toEqual([])
  })

  test('--log-format json makes every line on stderr an object', async () => {
    await using mirrored = await makeMirrored({ one: packages, bad: packages })
    mirrored.upstream.rules.push({ path: /^\/bad\/.*repomd/, fault: { kind: 'status', status: 404 } })
    const { status, stderr } = await mirrored.mirror('sync', '--log-format', 'json')
    const entries = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(status).toBe(1)
    expect(entries).toContainEqual(expect.objectContaining({ level: 30, repo: 'one', msg: 'publishing' }))
    expect(entries.at(-1)).toMatchObject({
      level: 50,
      msg: expect.stringMatching(/^E_HTTP bad: .*nothing is served yet$/),
    })
  })
})

describe('while a sync runs', () => {
  test('a second one is refused with status 3 and the holder’s name, and status is told', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    mirrored.upstream.rules.push({ path: /beta/, times: 1, fault: { kind: 'silence' } })
    await using first = mirrored.start('sync')
    await first.says(/fetching/)
    const [second, shown] = await Promise.all([mirrored.mirror('sync'), mirrored.mirror('status')])
    expect([second.status, second.stdout]).toEqual([3, ''])
    const holder = `process ${first.child.pid} since \\S+Z, doing sync of one; wait for it or stop it`
    expect(second.stderr).toMatch(new RegExp(`^E_BUSY: ${mirrored.site.state} is held by ${holder}\n$`))
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringMatching(/\none +- +never /)])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with status %d, one line, and nothing half done', async (signal, expected) => {
    await using mirrored = await makeMirrored({ one: packages })
    mirrored.upstream.rules.push({ path: /beta/, times: 1, fault: { kind: 'silence' } })
    const running = mirrored.start('sync')
    await running.says(/fetching/)
    while (!mirrored.upstream.requests.some(({ path }) => path.includes('beta')))
      await new Promise((resolve) => setTimeout(resolve, 10))
    running.child.kill(signal)
    const { status, stderr } = await running.ended
    expect(status).toBe(expected)
    expect(stderr.split('\n').filter((line) => line.includes('E_'))).toEqual([
      'E_INTERRUPTED one: stopped before it was done; finished downloads are kept; nothing is served yet',
    ])
    expect(await mirrored.mirror('sync')).toMatchObject({ status: 0 })
  })
})
