import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeInstallation } from '../daemon/running.ts'

describe('the socket', () => {
  test('is its owner’s alone, and goes with the daemon', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    await using daemon = await installed.start()
    expect((statSync(installed.socket).mode & 0o7777).toString(8)).toBe('600')
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).status).toBe(0)
    expect(statSync(installed.socket, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('that a killed daemon left is replaced', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    await using daemon = await installed.start()
    daemon.child.kill('SIGKILL')
    await once(daemon.child, 'exit')
    expect(statSync(installed.socket).isSocket()).toBe(true)
    const { status, stderr } = await installed.mirror('jobs')
    expect([status, stderr]).toEqual([
      2,
      `E_USAGE: no daemon answers at ${installed.socket}; start one: mirror daemon\n`,
    ])
    await using next = await installed.start()
    expect((await installed.ask('/v1/jobs')).status).toBe(200)
    expect(next.output.stderr).not.toContain('E_')
  })

  test('in a folder that is not there is one line', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    const socket = installed.site.path('run/mirror.sock')
    await installed.configure({ admin_socket: socket })
    const { status, stderr } = await installed.mirror('daemon')
    expect(status).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`^E_LISTEN: Cannot listen on ${socket} for the admin API: its folder does not exist\n$`),
    )
  })

  test('takes no place of a file that is none', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    const precious = installed.site.path('precious')
    writeFileSync(precious, 'precious')
    await installed.configure({ admin_socket: precious })
    const { status, stderr } = await installed.mirror('daemon')
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^E_LISTEN: .*precious.*\n$/)])
    expect(statSync(precious).size).toBe(8)
  })
})

describe('a second daemon', () => {
  test.each([
    ['of the same configuration', {}],
    ['with another socket and address', { admin_socket: 'other.sock', listen: '127.0.0.1:0' }],
  ])('%s is refused at once, and told who holds the state', async (_, settings) => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    await using daemon = await installed.start()
    await installed.configure(settings)
    const { status, stderr, durationMs } = await installed.mirror('daemon')
    const holder = `process ${daemon.pid} since \\S+Z, doing the daemon; wait for it or stop it`
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(new RegExp(`^E_BUSY: ${installed.site.state} is held by ${holder}\n$`)),
    ])
    expect(durationMs).toBeLessThan(10_000)
    expect((await installed.ask('/v1/jobs')).status).toBe(200)
  })
})
