import { mkdirSync } from 'node:fs'
import type { Config } from '../config/repo.ts'
import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror serve`: serve the published repositories over HTTP until a signal comes. */
export const serveVerb: Verb<{ sync?: boolean }> = {
  name: 'serve',
  help: 'serve the published repositories over HTTP',
  options: [{ flags: '--sync', help: 'also sync every repository once, now' }],
  examples: ['mirror serve', 'mirror serve --sync -c config/demo.yaml'],
  async run(_operands, flags, context) {
    const { log, signal } = context
    const { readConfig } = await import('./configuration.ts')
    const { serveOptions } = await import('../serve/options.ts')
    const { serve } = await import('../serve/server.ts')
    const config = await readConfig(context)
    if (flags.sync === true) mkdirSync(config.root, { recursive: true, mode: 0o755 })
    const stop = new AbortController()
    const server = await serve({
      ...serveOptions(config, (message) => log.warn(message)),
      signal: AbortSignal.any([signal, stop.signal]),
    })
    try {
      log.info(`serving ${config.root} at ${server.url}`)
      if (flags.sync === true) {
        const { runSync } = await import('./running.ts')
        await runSync({ config, repos: config.repos, overrides: undefined, acceptShrink: false }, 'table', context)
      }
      process.stdout.write(howToRead(config, server.url))
    } catch (error) {
      stop.abort()
      throw error
    }
    await server.closed
    return exit.done
  },
}

/** The command that reads each repository, to copy into a shell. */
function howToRead({ repos }: Config, url: string): string {
  const lines = repos.map(({ id, path }) => {
    const reference = new URL(`${path.split('/').map(encodeURIComponent).join('/')}/`, url)
    return `  dnf --repofrompath=${id},${reference.href} --repo=${id} repoquery\n`
  })
  return `Read it with:\n${lines.join('')}`
}
