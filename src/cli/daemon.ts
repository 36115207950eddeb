import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror daemon`: sync on schedule and serve, until a signal comes. */
export const daemonVerb: Verb = {
  name: 'daemon',
  help: 'sync on schedule and serve over HTTP, until a signal comes',
  options: [],
  examples: ['mirror daemon', 'mirror daemon -c /etc/mirror/mirror.yaml --log-format json'],
  async run(_operands, _flags, context) {
    const { log, program, signal } = context
    // What asks to reload while it starts or ends has nothing to reload, and is no reason to die.
    process.on('SIGHUP', () => {})
    const { readConfig } = await import('./configuration.ts')
    const { runDaemon } = await import('../daemon/daemon.ts')
    const read = () => readConfig(context)
    await runDaemon({ config: await read(), readConfig: read, program, log, signal })
    return exit.done
  },
}
