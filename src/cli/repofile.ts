import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { shownIn, snapshotsFolder, takes } from '../config/channels.ts'
import type { Config, Repo } from '../config/repo.ts'
import { exit, MirrorError } from '../errors.ts'
import { chosenChannel } from '../lifecycle/chosen.ts'
import type { Verb } from './verb.ts'

/** `mirror repofile`: what clients put into /etc/yum.repos.d to use what is published here. */
export const repofileVerb: Verb<{ base?: string; channel?: string; snapshot?: string }> = {
  name: 'repofile',
  help: 'print the .repo file for clients',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [
    { flags: '--base <url>', help: "root's URL as clients reach it (default: this host, where listen: says)" },
    { flags: '--channel <channel>', help: 'what a channel shows' },
    { flags: '--snapshot <name>', help: 'what a snapshot has frozen' },
  ],
  examples: ['mirror repofile epel > epel.repo', 'mirror repofile --channel prod --base https://mirror.example.org/'],
  async run(operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { chooseRepos } = await import('../config/choose.ts')
    const { isSigned, repoFile } = await import('../publish/clientRepo.ts')
    const config = await readConfig(context)
    const base = flags.base === undefined ? ownBase(config) : baseOf(flags.base)
    process.stdout.write(
      chooseRepos(config, operands)
        .flatMap((repo) => placed(repo, config, flags))
        .map((repo) => repoFile(repo, base, isSigned(config.root, repo)))
        .join('\n'),
    )
    return exit.done
  },
}

/** A repository as it is shown where that is asked for; none where the channel does not have it or the snapshot did not freeze it. */
function placed(repo: Repo, config: Config, { channel, snapshot }: { channel?: string; snapshot?: string }): Repo[] {
  if (channel !== undefined && snapshot !== undefined)
    throw new MirrorError('E_USAGE', '--channel and --snapshot exclude each other')
  if (channel !== undefined) return takes(chosenChannel(config, channel), repo) ? [shownIn(repo, { channel })] : []
  if (snapshot === undefined) return [repo]
  if (!existsSync(join(config.root, snapshotsFolder, snapshot)))
    throw new MirrorError('E_USAGE', `there is no snapshot ${snapshot}; mirror snapshot list shows them`)
  const shown = shownIn(repo, { snapshot })
  return existsSync(join(config.root, shown.path)) ? [shown] : []
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.href.endsWith('/') ? url.href : `${url.href}/`
  throw new MirrorError('E_USAGE', `--base ${text}: a URL such as http://mirror.example.org/ is expected`)
}

/** An address that stands for all of this host's is of no use to others; its name is. */
function ownBase({ listen, serving }: Config): string {
  const any = listen.host === '0.0.0.0' || listen.host === '::'
  const host = any ? hostname() : listen.host.includes(':') ? `[${listen.host}]` : listen.host
  return new URL(`http${serving.tls === undefined ? '' : 's'}://${host}:${listen.port}/`).href
}
