import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { historyOf, jobsOf, makeInstallation, until } from '../daemon/running.ts'

const packages = [{ name: 'alpha' }, { name: 'beta' }]

describe.concurrent('while a daemon runs', () => {
  test('mirror sync is its job, and looks as it does without one', async () => {
    await using installed = await makeInstallation({ one: packages, bad: [{ name: 'charlie' }] })
    await using _ = await installed.start()
    const first = await installed.mirror('sync', 'one')
    expect(first.status).toBe(0)
    expect(first.stdout).toMatch(
      /^repository {2}packages {2}added {2}removed {2}fetched {2}seconds {2}result\none +2 +2 +0 +[\d.]+ kB +[\d.]+ {2}generation 1\n$/,
    )
    expect(first.stderr).toContain('the running daemon does it\n')
    expect(first.stderr).toContain('one: publishing\n')
    installed.upstream.rules.push({ path: /charlie/, fault: { kind: 'status', status: 403 } })
    const both = await installed.mirror('sync', '--json')
    expect(both.status).toBe(1)
    expect(JSON.parse(both.stdout)).toMatchObject({
      repos: [
        { repo: 'one', result: 'unchanged' },
        { repo: 'bad', result: 'failed', error: { code: 'E_HTTP' } },
      ],
    })
    expect(both.stderr).toMatch(/^E_HTTP bad: .*; nothing is served yet$/m)
    const newest = await installed.mirror('sync', '--newest-only', 'one')
    expect([newest.status, newest.stderr]).toEqual([0, expect.not.stringContaining('E_')])
    expect((await jobsOf(installed)).at(-1)).toMatchObject({ overrides: '--newest-only' })
    const dry = await installed.mirror('sync', '--dry-run', 'one')
    expect(dry.stdout).toMatch(/\none +2 +2 +1\.4 kB +0 +0 B\n$/)
    expect((await installed.mirror('sync', '--urls', 'one')).stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(await installed.mirror('sync', 'absent')).toMatchObject({ status: 2, stdout: '' })
    const jobs = await installed.mirror('jobs')
    expect(jobs.stdout).toMatch(
      /^job {2}verb {2}repository {2}asked for +by +state\n +1 {2}sync {2}one .* operator {2}generation 1\n/,
    )
    const history = JSON.parse((await installed.mirror('history', '--json')).stdout)
    expect(history.runs.filter(({ repo }: { repo: string }) => repo === 'bad')).toMatchObject([{ result: 'failed' }])
  })

  test('Ctrl-C cancels what it has asked for, mirror cancel what it names', async () => {
    await using installed = await makeInstallation({ one: packages, two: packages })
    await using _ = await installed.start()
    installed.upstream.rules.push({ path: /repomd/, fault: { kind: 'silence' } })
    await installed.ask({ method: 'POST', path: '/v1/sync', body: { repos: ['two'] } })
    await until(async () => (await jobsOf(installed)).some(({ state }) => state === 'running'))
    await using asking = installed.spawn('sync', 'one')
    await until(async () => (await jobsOf(installed)).filter(({ state }) => state === 'running').length === 2)
    asking.child.kill('SIGINT')
    expect((await asking.ended).status).toBe(130)
    await until(async () => (await jobsOf(installed)).some(({ repo, state }) => repo === 'one' && state === 'ended'))
    const [two] = await jobsOf(installed)
    expect(two).toMatchObject({ repo: 'two', state: 'running' })
    expect(await installed.mirror('cancel', '1')).toMatchObject({ status: 0, stdout: 'job 1 (two) is cancelled\n' })
    await until(async () => (await historyOf(installed, 'two'))[0]?.result === 'interrupted')
    const { status, stderr } = await installed.mirror('cancel', '1')
    expect([status, stderr]).toEqual([2, 'E_USAGE: job 1 has ended already\n'])
  })

  test('its end is one clear line, and a broken file is refused by mirror reload', async () => {
    await using installed = await makeInstallation({ one: packages })
    await using daemon = await installed.start()
    expect(await installed.mirror('reload')).toMatchObject({
      status: 0,
      stdout: `reloaded ${installed.site.configFile}: 1 repository\n`,
    })
    const good = readFileSync(installed.site.configFile, 'utf8')
    writeFileSync(installed.site.configFile, `${good}\nworkerz: 1\n`)
    expect(await installed.mirror('reload')).toMatchObject({ status: 2, stderr: expect.stringContaining('workerz') })
    writeFileSync(installed.site.configFile, good)
    installed.upstream.rules.push({ path: /repomd/, fault: { kind: 'silence' } })
    await using asking = installed.spawn('sync')
    await until(async () => (await jobsOf(installed)).some(({ state }) => state === 'running'))
    daemon.child.kill('SIGKILL')
    const { status, stderr } = await asking.ended
    expect(status).toBe(1)
    expect(stderr.split('\n').filter((line) => line.includes('E_'))).toEqual([
      'E_WORKER: the daemon went away before it was done; mirror status says how far it came',
    ])
  })
})
