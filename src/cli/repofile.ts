import { hostname } from 'node:os'
import type { Config } from '../config/repo.ts'
import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror repofile`: what clients put into /etc/yum.repos.d to use what is published here. */
export const repofileVerb: Verb<{ base?: string }> = {
  name: 'repofile',
  help: 'print the .repo file for clients',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [{ flags: '--base <url>', help: "root's URL as clients reach it (default: this host, where listen: says)" }],
  examples: ['mirror repofile epel > epel.repo', 'mirror repofile --base https://mirror.example.org/'],
  async run(operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { chooseRepos } = await import('../config/choose.ts')
    const { isSigned, repoFile } = await import('../publish/clientRepo.ts')
    const config = await readConfig(context)
    const base = flags.base === undefined ? ownBase(config) : baseOf(flags.base)
    process.stdout.write(
      chooseRepos(config, operands)
        .map((repo) => repoFile(repo, base, isSigned(config.root, repo)))
        .join('\n'),
    )
    return exit.done
  },
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
