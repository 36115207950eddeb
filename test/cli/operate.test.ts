import { userInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import { jobsOf, makeInstallation, quiet, until } from '../daemon/running.ts'

const nothing = { files: 0, contents: 0, bytes: 0 }

describe.concurrent('an operation', () => {
  test('answers the same without a daemon and as its job', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] }, { defaults: { retain: 0 } })
    expect((await installed.mirror('sync')).status).toBe(0)
    await installed.offer('one', [{ name: 'beta' }])
    expect((await installed.mirror('sync')).status).toBe(0)
    expect(await installed.mirror('gc', '--dry-run')).toMatchObject({
      status: 0,
      stdout: '0 files of published trees and 0 contents (0 B) would be removed\n',
      stderr: '',
    })
    const here = await installed.mirror('gc', '--json')
    await using _ = await installed.start()
    const there = await installed.mirror('gc', '--json')
    expect([there.status, there.stdout]).toEqual([0, here.stdout])
    expect(JSON.parse(there.stdout)).toEqual({ ...nothing, dryRun: false })
    expect(there.stderr).toBe('the running daemon does it\n')
    const job = {
      verb: 'gc',
      repo: null,
      by: userInfo().username,
      arguments: { dryRun: false, all: false, acceptDeletions: false },
      state: 'ended',
    }
    expect((await jobsOf(installed)).at(-1)).toMatchObject({ ...job, outcome: { result: 'done', answer: nothing } })
    expect((await installed.mirror('jobs')).stdout).toMatch(new RegExp(` gc +- .* ${userInfo().username} +done\n`))
  })

  test('waits for what runs, is shown on the status page, and is taken back by Ctrl-C', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    await using daemon = await installed.start()
    installed.upstream.rules.push({ path: /repomd/, fault: { kind: 'silence' } })
    await installed.ask({ method: 'POST', path: '/v1/sync', body: {} })
    await using asking = installed.spawn('gc')
    await asking.says(/gc: waits for its turn as job 2/)
    expect(await (await fetch(daemon.url)).text()).toMatch(/<b>gc<\/b> waits since .* asked for by \w+ <small>job 2/)
    const { daemon: told } = (await (await fetch(`${daemon.url}status.json`)).json()) as { daemon: object }
    expect(told).toMatchObject({ operations: [{ verb: 'gc', job: 2, isRunning: false }] })
    asking.child.kill('SIGINT')
    expect((await asking.ended).status).toBe(130)
    const [, gc] = await until(async () => {
      const jobs = await jobsOf(installed)
      return jobs[1]?.state === 'ended' && jobs
    })
    expect(gc).toMatchObject({ outcome: { result: 'failed', error: { code: 'E_INTERRUPTED' } } })
    expect(await installed.mirror('cancel', '1')).toMatchObject({ status: 0 })
    await quiet(installed)
  })

  test('is refused while another process writes', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    installed.upstream.rules.push({ path: /repomd/, fault: { kind: 'silence' } })
    await using syncing = installed.spawn('sync')
    await until(() => installed.upstream.requests.some(({ path }) => path.includes('repomd')))
    expect(await installed.mirror('gc')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^E_BUSY: .* doing sync of one; wait for it or stop it\n$/),
    })
    syncing.child.kill('SIGTERM')
    await syncing.ended
  })
})
