import type { Repo } from '../config/repo.ts'
import { repoFile } from '../publish/clientRepo.ts'
import { type Handler, type HttpRequest, type HttpResponse, textResponse, withoutBody } from '../serve/message.ts'
import { parseTarget } from '../serve/path.ts'
import { baseOf } from './base.ts'

/** Answers `PATH/ID.repo` beside each repository's tree, unless upstream's own tree has a file of that name. */
export function repoFiles(repos: () => readonly Repo[], scheme: 'http' | 'https'): (files: Handler) => Handler {
  return (files) => {
    const orElse = async (request: HttpRequest): Promise<HttpResponse> => {
      const given = await files(request)
      if (given.status !== 404) return given
      const asked = nameIn(request.target)
      const repo = repos().find(({ id, path }) => asked === `${path}/${id}.repo`)
      return repo === undefined ? given : answer(request, repo, scheme)
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

function answer(request: HttpRequest, repo: Repo, scheme: 'http' | 'https'): HttpResponse {
  const text = repoFile(repo, baseOf(request, scheme))
  const response = textResponse(200, 'text/plain; charset=utf-8', text, {})
  return request.method === 'HEAD' ? withoutBody(response) : response
}
