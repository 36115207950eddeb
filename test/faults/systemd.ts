import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { debian } from './debian.ts'

const execute = promisify(execFile)

/** A booted system in a container; it is killed where the `await using` block is left. */
export interface System extends AsyncDisposable {
  /** Runs a shell's commands as root in it; what they print. Throws with all of it where they fail. */
  run(commands: string): Promise<string>
  /** Runs commands until they succeed; throws with what they printed last after half a minute. */
  until(commands: string): Promise<string>
}

/** Whether this machine starts containers, which a container often may not. */
export function canContain(): boolean {
  const options = ['-q', '-D', '/', '--volatile=yes', '--register=no', '--keep-unit', '--private-network']
  const { status, stderr } = spawnSync('systemd-nspawn', [...options, '/usr/bin/true'], { encoding: 'utf8' })
  if (status !== 0) console.warn(`skipped: no container can be started here: ${stderr.trim()}`)
  return status === 0
}

/** Boots Debian with a folder of this machine at /opt/mirror, read-only, a network of its own, and changes kept nowhere. */
export async function boot(installed: string): Promise<System> {
  const options = ['-q', '-D', debian(), '--volatile=overlay', '--register=no', '--keep-unit', '--private-network']
  const child = spawn('systemd-nspawn', [...options, `--bind-ro=${installed}:/opt/mirror`, '--boot'], {
    stdio: 'ignore',
  })
  const ended = once(child, 'close')
  const run = async (commands: string) => {
    const inside = ['-t', String(leaderOf(child)), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--']
    const clean = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'sh', '-ec', commands]
    return (await execute('nsenter', [...inside, ...clean], { timeout: 60_000 })).stdout.trim()
  }
  const until = async (commands: string) => {
    for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
      try {
        return await run(commands)
      } catch (error) {
        if (Date.now() > deadline) throw error
      }
    }
  }
  const system = {
    run,
    until,
    [Symbol.asyncDispose]: async () => {
      // With its process 1 the kernel ends all of a container, which would go on without nspawn.
      process.kill(leaderOf(child), 'SIGKILL')
      await ended
    },
  }
  try {
    await until('systemctl is-active --quiet multi-user.target')
    return system
  } catch (error) {
    await system[Symbol.asyncDispose]()
    throw error
  }
}

/** The container's process 1, the only child of nspawn. */
function leaderOf({ pid }: ChildProcess): number {
  const [leader] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  if (!leader) throw new Error('systemd-nspawn did not start the system')
  return Number(leader)
}
