import type { Config } from '../config/repo.ts'
import { isSigned, repoFile } from '../publish/clientRepo.ts'
import { type Handler, type HttpRequest, type HttpResponse, textResponse } from '../serve/message.ts'
import { parseTarget } from '../serve/path.ts'
import { baseOf } from './base.ts'

/** Answers `PATH/ID.repo` beside each repository's tree, unless upstream's own tree has a file of that name. */
export function repoFiles(
  config: () => Pick<Config, 'root' | 'repos'>,
  scheme: 'http' | 'https',
): (files: Handler) => Handler {
  return (files) => {
    const orElse = async (request: HttpRequest): Promise<HttpResponse> => {
      const given = await files(request)
      if (given.status !== 404) return given
      const asked = nameIn(request.target)
      const { root, repos } = config()
      const repo = repos.find(({ id, path }) => asked === `${path}/${id}.repo`)
      if (repo === undefined) return given
      const text = repoFile(repo, baseOf(request, scheme), isSigned(root, repo))
      return textResponse(200, 'text/plain; charset=utf-8', text, {})
    }
    // Without a promise for all other files.
    return (request) => (/\.repo(?:$|\?)/.test(request.target) ? orElse(request) : files(request))
  }
}

/** The path below the root that a target names, however it is escaped. */
function nameIn(text: string): string | undefined {
  const target = parseTarget(text, text.length)
  return typeof target === 'number' || target.folder || target.untidy ? undefined : target.segments.join('/')
}
