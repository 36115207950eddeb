import { repositoriesText } from '../amounts.ts'
import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

const json = { flags: '--json', help: 'print the result as JSON' }

/** `mirror snapshot create`: freeze what repositories show at one instant. */
export const snapshotCreateVerb: Verb<{ channel?: string; json?: boolean }> = {
  name: 'snapshot create',
  help: 'freeze what repositories show now, and publish it below snapshots/NAME/',
  arguments: { name: '<name...>', help: 'the name, then ids or globs of repositories (default: all)' },
  options: [{ flags: '--channel <channel>', help: 'freeze what a channel shows, in place of the repositories' }, json],
  examples: ['mirror snapshot create 2026-11 "centos-9-*"', 'mirror snapshot create release-7 --channel prod'],
  async run([name = '', ...repos], flags, context) {
    const { operate } = await import('./operate.ts')
    const { createdTable } = await import('./lifecycleTables.ts')
    const { channel } = flags
    const answer = await operate('snapshot-create', { name, repos, ...(channel && { channel }) }, context)
    for (const repo of answer.left) context.log.warn({ repo }, 'nothing of it is published, so that it is not frozen')
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : createdTable(answer))
    return exit.done
  },
}

/** `mirror snapshot drop`: remove snapshots. */
export const snapshotDropVerb: Verb<{ json?: boolean }> = {
  name: 'snapshot drop',
  help: 'remove snapshots; who uses them finds nothing there any more',
  arguments: { name: '<name...>', help: 'their names' },
  options: [json],
  async run(names, flags, context) {
    const { operate } = await import('./operate.ts')
    for (const name of names) {
      const answer = await operate('snapshot-drop', { name }, context)
      const text = `snapshot ${name} of ${repositoriesText(answer.repos)} is dropped\n`
      process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text)
    }
    return exit.done
  },
}

/** `mirror snapshot list`: what snapshots there are; reads only. */
export const snapshotListVerb: Verb<{ json?: boolean }> = {
  name: 'snapshot list',
  help: 'show the snapshots, who made them when, and what of',
  options: [json],
  async run(_operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { openDatabaseReadOnly } = await import('../store/database.ts')
    const { databasePath } = await import('../store/state.ts')
    const { listSnapshots } = await import('../lifecycle/snapshots.ts')
    const { snapshotTable, snapshotJson } = await import('./lifecycleTables.ts')
    const database = openDatabaseReadOnly(databasePath((await readConfig(context)).state))
    try {
      const all = database === undefined ? [] : listSnapshots(database)
      process.stdout.write(flags.json === true ? snapshotJson(all) : snapshotTable(all))
    } finally {
      database?.close()
    }
    return exit.done
  },
}
