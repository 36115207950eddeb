import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { ended, workersOf } from '../jobs/workers.ts'
import { historyOf, jobsOf, makeInstallation, quiet, until } from './running.ts'

const packages = [{ name: 'alpha' }, { name: 'beta' }]
const everyHour = { defaults: { schedule: '@hourly', retries: 1, timeout: 30 } }

describe.concurrent('C4: a daemon that is stopped', () => {
  test('ends within ten seconds while a download stalls and a hook takes its time, with nothing half done', async () => {
    await using installed = await makeInstallation({ one: packages, two: [{ name: 'gamma' }] }, everyHour)
    const hook = installed.site.path('hook')
    writeFileSync(hook, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    await installed.configure({ repos: { two: { on_publish: hook } } })
    installed.upstream.rules.push({ path: /^\/one\/.*beta/, fault: { kind: 'stall', after: 10 } })
    await using daemon = await installed.start()
    await until(() => installed.upstream.requests.some(({ path }) => /one.*beta/.test(path)))
    await until(
      async () => (await checkTree(join(installed.site.root, 'two'), { verifyPackages: 'none' })).problems.length === 0,
    )
    const slow = request(`${daemon.url}two/repodata/repomd.xml`).end()
    await once(slow, 'response')
    const began = performance.now()
    daemon.child.kill('SIGTERM')
    const { status, stderr } = await daemon.ended
    slow.destroy()
    expect(status).toBe(0)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(stderr).toContain('E_INTERRUPTED one: ')
    expect(stderr).toContain('two: on_publish: ')
    expect(stderr).not.toMatch(/E_BUG|^ {4}at /m)
    installed.upstream.rules.length = 0
    // What was interrupted is made up for at once, and not an hour later.
    await using next = await installed.start()
    await quiet(installed)
    expect((await historyOf(installed, 'one')).map(({ result }) => result)).toEqual(['published', 'interrupted'])
    for (const id of ['one', 'two']) expect((await checkTree(`${next.url}${id}/`)).problems).toEqual([])
  })

  test('twice ends at once', async () => {
    await using installed = await makeInstallation({ one: packages }, everyHour)
    installed.upstream.rules.push({ path: /beta/, fault: { kind: 'stall' } })
    await using daemon = await installed.start()
    const [worker = 0] = await workersOf(daemon.pid, 1)
    process.kill(worker, 'SIGSTOP')
    daemon.child.kill('SIGTERM')
    await daemon.says(/stopping/)
    daemon.child.kill('SIGTERM')
    // The worker has its stderr, too, so that no more than the exit can be waited for.
    expect(await once(daemon.child, 'exit')).toEqual([143, null])
    process.kill(worker, 'SIGKILL')
  })

  test('by SIGKILL takes its workers with it, and the next one goes on', async () => {
    await using installed = await makeInstallation({ one: packages }, everyHour)
    installed.upstream.rules.push({ path: /beta/, times: 1, fault: { kind: 'stall' } })
    await using daemon = await installed.start()
    await until(() => installed.upstream.requests.some(({ path }) => path.includes('beta')))
    const workers = await workersOf(daemon.pid, 1)
    daemon.child.kill('SIGKILL')
    for (const worker of workers) await ended(worker)
    await using next = await installed.start()
    await quiet(installed)
    expect((await checkTree(`${next.url}one/`)).problems).toEqual([])
    expect((await checkTree(`${next.url}one/`)).packages).toHaveLength(2)
  })
})

describe.concurrent('reload', () => {
  test('of a broken file keeps what holds, says so, and the next good one is taken', async () => {
    await using installed = await makeInstallation({ one: packages, two: packages })
    await using daemon = await installed.start()
    const good = readFileSync(installed.site.configFile, 'utf8')
    writeFileSync(installed.site.configFile, `${good}\nworkerz: 3\n`)
    const { status, json } = await installed.ask({ method: 'POST', path: '/v1/reload' })
    expect([status, json.error.code]).toEqual([422, 'E_CONFIG'])
    const told = async () => (await installed.ask('/v1/status')).json
    expect((await told()).daemon.reload.error).toContain('workerz')
    daemon.child.kill('SIGHUP')
    await daemon.says(/was not reloaded; what was configured before still holds/)
    expect((await told()).repos.map(({ repo }: { repo: string }) => repo)).toEqual(['one', 'two'])
    await installed.configure({})
    daemon.child.kill('SIGHUP')
    await daemon.says(/^reloaded \S+: 2 repositories$/m)
    expect((await told()).daemon.reload.error).toBeNull()
  })

  test('without a repository deletes nothing of it, more workers begin what waits, fixed keys are refused', async () => {
    await using installed = await makeInstallation({ one: packages, two: packages, gone: packages }, { workers: 1 })
    await using daemon = await installed.start()
    await installed.ask({ method: 'POST', path: '/v1/sync', body: { repos: ['gone'] } })
    await quiet(installed)
    installed.upstream.rules.push({ path: /repomd/, fault: { kind: 'silence' } })
    await installed.ask({ method: 'POST', path: '/v1/sync', body: { repos: ['one', 'two'] } })
    await until(async () => (await jobsOf(installed)).filter(({ state }) => state === 'running').length === 1)
    await installed.configure({ workers: 2, repos: { gone: null } })
    const reload = () => installed.ask({ method: 'POST', path: '/v1/reload' })
    expect((await reload()).json.repos).toBe(2)
    await until(async () => (await jobsOf(installed)).filter(({ state }) => state === 'running').length === 2)
    for (const { id, state } of await jobsOf(installed))
      if (state === 'running') await installed.ask({ method: 'DELETE', path: `/v1/jobs/${id}` })
    installed.upstream.rules.length = 0
    await installed.offer('one', [{ name: 'gamma' }])
    await installed.ask({ method: 'POST', path: '/v1/sync', body: { repos: ['one'] } })
    await quiet(installed)
    expect((await checkTree(`${daemon.url}gone/`)).problems).toEqual([])
    for (const moved of [
      { root: installed.site.path('other') },
      { state: installed.site.path('state2') },
      { listen: '127.0.0.1:1' },
      { access_log: installed.site.path('access.log') },
    ]) {
      await installed.configure({ workers: 2, ...moved })
      const { status, json } = await reload()
      expect([status, json.error.message]).toEqual([
        422,
        expect.stringMatching(/changed, which needs a restart; nothing of it was taken$/),
      ])
    }
  })
})
