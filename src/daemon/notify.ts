import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import { sendDatagram } from './datagram.ts'

/** What systemd is told of the daemon, in sd_notify(3)'s words; each is one message, and none waits or fails. */
export interface Notifier {
  /** It serves: after the start, and after each reload. */
  ready(status: string): void
  /** What `systemctl status` shows beside `Status:`. */
  status(text: string): void
  /** The configuration is read again; `ready` ends it. */
  reloading(): void
  stopping(status: string): void
}

type Send = (message: string) => void

/** systemd drops a message of more than 4096 bytes whole; a character has up to three. */
const longestStatus = 1000

/**
 * Takes systemd's socket out of the environment, so that no worker or hook speaks for the daemon, and from here on tells
 * its watchdog twice in each of its intervals that the event loop lives. Without a socket nothing is told.
 */
export function takeNotifier(env: NodeJS.ProcessEnv, log: Log): Notifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: interval, WATCHDOG_PID: watched = String(process.pid) } = env
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  const send: Send = socket ? sendTo(socket, log) : () => {}
  if (socket && Number(interval) > 0 && watched === String(process.pid)) keepAlive(send, Number(interval))
  const statusLine = (text: string) => `STATUS=${oneLine(text).slice(0, longestStatus)}`
  return {
    ready: (status) => send(`READY=1\nMAINPID=${process.pid}\n${statusLine(status)}`),
    status: (text) => send(statusLine(text)),
    // Type=notify-reload tells by the time, CLOCK_MONOTONIC in µs, which reload is answered.
    reloading: () => send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: (status) => send(`STOPPING=1\n${statusLine(status)}`),
  }
}

function keepAlive(send: Send, intervalUsec: number): void {
  setInterval(() => send('WATCHDOG=1'), intervalUsec / 2000).unref()
}

/**
 * A datagram of our own where that can be had: systemd knows its sender as the main process. Else systemd-notify, one
 * after the other, since RELOADING and READY must keep their order; systemd before 246 may look for a sender that has
 * ended, which is why it is not the first choice.
 */
function sendTo(socket: string, log: Log): Send {
  let earlier = Promise.resolve()
  let told = false
  const failed = (reason: string) => {
    if (!told) log.warn(`cannot tell systemd how the daemon is: ${reason}; it will end a unit of Type=notify`)
    told = true
  }
  return (message) => {
    if (sendDatagram(socket, message)) return
    earlier = earlier.then(() => systemdNotify(socket, message)).catch((error: Error) => failed(error.message))
  }
}

async function systemdNotify(socket: string, message: string): Promise<void> {
  const env = { ...process.env, NOTIFY_SOCKET: socket }
  const child = spawn('systemd-notify', message.split('\n'), { env, stdio: 'ignore' })
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`systemd-notify ended with status ${status}`)
}
