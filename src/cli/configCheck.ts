import { repositoriesText } from '../amounts.ts'
import type { Repo } from '../config/repo.ts'
import { exit } from '../errors.ts'
import { formatTable } from './table.ts'
import type { Verb } from './verb.ts'

/** `mirror config check`: read the configuration as a start would, say what it comes to, and touch nothing. */
export const configCheckVerb: Verb<{ json?: boolean; connect?: boolean }> = {
  name: 'config check',
  help: 'say every mistake in the configuration, or what it comes to',
  options: [
    { flags: '--json', help: 'print the resolved configuration, or with --connect what was found, as JSON' },
    { flags: '--connect', help: 'ask every upstream, without syncing; exits with 1 where one fails' },
  ],
  async run(_operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { checkFiles } = await import('../serve/options.ts')
    const { diskCheck } = await import('./diskCheck.ts')
    const { siblingWarnings } = await import('../sync/tree/siblings.ts')
    const config = await readConfig(context)
    const disk = diskCheck(config)
    for (const warning of [...siblingWarnings(config), ...disk.warnings]) context.log.warn(warning)
    checkFiles(config.serving)
    if (flags.connect === true) {
      const { connectCheck } = await import('./connectCheck.ts')
      return await connectCheck(config, flags.json === true, context)
    }
    if (flags.json === true) process.stdout.write(`${JSON.stringify(config, null, 2)}\n`)
    else {
      const rows = config.repos.map((repo) => [repo.id, repo.path, upstreamText(repo)])
      process.stdout.write(formatTable([{ heading: 'repository' }, { heading: 'path' }, { heading: 'upstream' }], rows))
      if (disk.words !== undefined) process.stdout.write(`${disk.words}\n`)
      process.stdout.write(`${config.file}: ${repositoriesText(config.repos.length)}, no mistakes\n`)
    }
    return exit.done
  },
}

/** Where a repository comes from; of a list of mirrors without its query, in which a token may stand. */
function upstreamText({ baseurl, list, merge, local, archive }: Repo): string {
  const lists = list === undefined ? [] : [`${list.kind} ${list.url.replace(/\?.*/s, '')}`]
  const archives = archive === undefined ? [] : [`archives with ${archive}`]
  return [...baseurl, ...lists, ...merge, ...local, ...archives].join(' ')
}
