import { join } from 'node:path'
import { makeSite, type RunningMirror, runMirror, type Site, spawnMirror } from '../helpers/mirror.ts'

/** Repositories that were synced by the program and that it serves now, until the `await using` block is left. */
export interface Published extends AsyncDisposable {
  site: Site
  /** The folder of a repository in the HTTP root. */
  folder(id: string): string
  /** Its URL, with a slash at the end. */
  url(id: string): string
}

/** Syncs and serves repositories, given as in the configuration, in a new site. */
export async function publish(repos: Record<string, object>): Promise<Published> {
  const site = await makeSite({ config: { listen: '127.0.0.1:0', repos } })
  try {
    await sync(site)
    const { server, url } = await serve(site)
    return {
      site,
      folder: (id) => join(site.root, id),
      url: (id) => `${url}${id}/`,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]()
        await site[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await site[Symbol.asyncDispose]()
    throw error
  }
}

/** `mirror sync` on a site; anything but success is an error. Returns what it wrote to stdout. */
export async function sync(site: Site, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runMirror(['sync', '-c', site.configFile, ...args])
  if (status !== 0) throw new Error(`mirror sync ended with status ${status}\n${stderr}`)
  return stdout
}

async function serve(site: Site): Promise<{ server: RunningMirror; url: string }> {
  const server = spawnMirror(['serve', '-c', site.configFile])
  const [, url = ''] = await server.says(/ at (http:\S+)/)
  return { server, url }
}
