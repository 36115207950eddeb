import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sendDatagram } from '../../src/daemon/datagram.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { listenForDatagrams } from './datagramSocket.ts'

const source = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href)

/** A program that has a notifier and does what `calls` say. */
function program(calls: string, env: Record<string, string>, flags: string[] = []) {
  const lines = [
    `import { takeNotifier } from ${source('daemon/notify.ts')}`,
    `import { createLog } from ${source('log.ts')}`,
    `const notifier = takeNotifier(process.env, createLog('text'))`,
    calls,
  ]
  return spawn(process.execPath, [...flags, '--input-type=module', '-e', lines.join('\n')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(child: ChildProcessByStdio<null, Readable, Readable>) {
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status, stdout, stderr }
}

describe('what systemd is told', () => {
  const life = `notifier.ready('3 repositories')
notifier.status('syncing appstream')
notifier.reloading()
notifier.ready('4 repositories')
notifier.stopping('draining')`

  const lifeOf = (pid: number | undefined) => [
    `READY=1\nMAINPID=${pid}\nSTATUS=3 repositories`,
    'STATUS=syncing appstream',
    expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/),
    `READY=1\nMAINPID=${pid}\nSTATUS=4 repositories`,
    'STOPPING=1\nSTATUS=draining',
  ]

  test.each(['path', 'abstract name'])('is one message each, to a socket with a %s', async (kind) => {
    await using folder = await makeTemporaryFolder()
    const name = kind === 'path' ? join(folder.path, 'notify') : `@mirror-test-${process.pid}`
    using socket = listenForDatagrams(name)
    const child = program(life, { NOTIFY_SOCKET: name })
    expect(await ended(child)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(socket.take()).toEqual(lifeOf(child.pid))
  })

  test.skipIf(!judge('systemd-notify'))('comes in order through systemd-notify where Node.js has no FFI', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    const child = program(life, { NOTIFY_SOCKET: name }, ['--no-experimental-ffi'])
    const messages = socket.next(10)
    expect(await ended(child)).toEqual({ status: 0, stdout: '', stderr: '' })
    // After each message systemd-notify asks whether it was read.
    expect((await messages).filter((message) => message !== 'BARRIER=1')).toEqual(lifeOf(child.pid))
  })

  test('is on the clock that systemd compares reloads by', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    await ended(program('notifier.reloading()', { NOTIFY_SOCKET: name }))
    const [message] = await socket.next(1)
    const told = Number(/MONOTONIC_USEC=(\d+)/.exec(message as string)?.[1])
    expect(Math.abs(told - Number(process.hrtime.bigint() / 1000n))).toBeLessThan(60e6)
  })

  test('has its text on one line, short enough to be taken', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    await ended(program(`notifier.status('a\\nERRNO=5' + '€'.repeat(5000))`, { NOTIFY_SOCKET: name }))
    const [message] = await socket.next(1)
    expect(message).toMatch(/^STATUS=a ERRNO=5€+$/)
    expect(Buffer.byteLength(message as string)).toBeLessThan(4096)
  })

  test('is nothing without a socket', async () => {
    const calls = `${life}\nconsole.log(process.getActiveResourcesInfo().includes('Timeout'))`
    const child = program(calls, { NOTIFY_SOCKET: '', WATCHDOG_USEC: '100000' })
    expect(await ended(child)).toEqual({ status: 0, stdout: 'false\n', stderr: '' })
  })

  test('can be told by nobody whom the daemon starts', async () => {
    const env = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' }
    const child = program(
      `console.log(JSON.stringify(Object.keys(process.env).filter((name) => /NOTIFY|WATCHDOG/.test(name))))`,
      env,
    )
    expect(await ended(child)).toMatchObject({ status: 0, stdout: '[]\n' })
  })

  test('is one warning if it cannot be told at all', async () => {
    const child = program(`${life}\nawait new Promise((resolve) => setTimeout(resolve, 500))`, {
      NOTIFY_SOCKET: '/nowhere/notify',
      PATH: '/nowhere',
    })
    const { status, stderr } = await ended(child)
    expect({ status, lines: stderr.match(/\n/g)?.length }).toEqual({ status: 0, lines: 1 })
    expect(stderr).toMatch(/^warning: cannot tell systemd .*systemd-notify/)
  })
})

describe('the watchdog', () => {
  test('hears of a daemon twice in each interval, while its event loop lives and no longer', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    const calls = `process.on('SIGUSR2', () => {
  process.stdout.write('blocked')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
setTimeout(() => {}, 60_000)`
    const child = program(calls, { NOTIFY_SOCKET: name, WATCHDOG_USEC: '200000' })
    try {
      expect(new Set(await socket.next(5))).toEqual(new Set(['WATCHDOG=1']))
      child.kill('SIGUSR2')
      await once(child.stdout, 'data')
      socket.take()
      await sleep(1000)
      expect(socket.take()).toEqual([])
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  })

  test('is told nothing by a process that it does not watch', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }
    await ended(program('await new Promise((resolve) => setTimeout(resolve, 300))', env))
    expect(socket.take()).toEqual([])
  })
})

describe('a datagram', () => {
  test('to a full queue is not waited for', async () => {
    await using folder = await makeTemporaryFolder()
    const name = join(folder.path, 'notify')
    using socket = listenForDatagrams(name)
    let sent = 0
    while (sent < 100_000 && sendDatagram(name, 'STATUS=x'.repeat(100))) sent++
    expect(sent).toBeLessThan(100_000)
    expect(socket.take()).toHaveLength(sent)
  })

  test('that nobody listens for is not sent', () => {
    expect(sendDatagram('/nowhere/notify', 'READY=1')).toBe(false)
  })
})
