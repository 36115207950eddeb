import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isPlainName, shownIn, snapshotsFolder } from '../config/channels.ts'
import type { Config, Repo } from '../config/repo.ts'
import { isSigned, repoFile } from '../publish/clientRepo.ts'
import { pointer } from '../publish/publish.ts'
import { type Handler, type HttpRequest, type HttpResponse, textResponse } from '../serve/message.ts'
import { parseTarget } from '../serve/path.ts'
import { baseOf } from './base.ts'

/**
 * Answers `PATH/ID.repo` beside each repository's tree, in channels and snapshots too, unless upstream's own tree has a file
 * of that name.
 */
export function repoFiles(
  config: () => Pick<Config, 'root' | 'repos' | 'channels'>,
  scheme: 'http' | 'https',
): (files: Handler) => Handler {
  return (files) => {
    const orElse = async (request: HttpRequest): Promise<HttpResponse> => {
      const given = await files(request)
      if (given.status !== 404) return given
      const asked = nameIn(request.target)
      const { root, ...configured } = config()
      const repo = asked === undefined ? undefined : repoAt(asked, root, configured)
      if (repo === undefined) return given
      const text = repoFile(repo, baseOf(request, scheme), isSigned(root, repo))
      return textResponse(200, 'text/plain; charset=utf-8', text, {})
    }
    // Without a promise for all other files.
    return (request) => (/\.repo(?:$|\?)/.test(request.target) ? orElse(request) : files(request))
  }
}

/** The repository that a path such as `prod/centos/9/appstream.repo` is of, as it is shown there. */
function repoAt(
  asked: string,
  root: string,
  { repos, channels }: Pick<Config, 'repos' | 'channels'>,
): Repo | undefined {
  const [first = '', name = ''] = asked.split('/')
  const snapshot = first === snapshotsFolder && isPlainName(name) ? [{ snapshot: name }] : []
  const channel = channels.some((one) => one.name === first) ? [{ channel: first }] : []
  const shown = [...channel, ...snapshot].flatMap((place) => repos.map((repo) => shownIn(repo, place)))
  const found = [...repos, ...shown].find(({ id, path }) => asked === `${path}/${id}.repo`)
  // Nobody is told to use what is not there.
  return found === undefined || repos.includes(found) || existsSync(join(root, found.path, pointer)) ? found : undefined
}

/** The path below the root that a target names, however it is escaped. */
function nameIn(text: string): string | undefined {
  const target = parseTarget(text, text.length)
  return typeof target === 'number' || target.folder || target.untidy ? undefined : target.segments.join('/')
}
