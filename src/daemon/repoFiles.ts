import type { Repo } from '../config/repo.ts'
import { repoFile, repoHref } from '../publish/clientRepo.ts'
import { type Handler, type HttpRequest, type HttpResponse, textResponse, withoutBody } from '../serve/message.ts'
import { baseOf } from './base.ts'

/** Answers `PATH/ID.repo` beside each repository's tree, unless upstream's own tree has a file of that name. */
export function repoFiles(repos: () => readonly Repo[], scheme: 'http' | 'https'): (files: Handler) => Handler {
  return (files) => {
    const orElse = async (request: HttpRequest): Promise<HttpResponse> => {
      const given = await files(request)
      if (given.status !== 404) return given
      const repo = repos().find(({ id, path }) => request.target === `/${repoHref(path)}${encodeURIComponent(id)}.repo`)
      return repo === undefined ? given : answer(request, repo, scheme)
    }
    // Without a promise for all other files.
    return (request) => (request.target.endsWith('.repo') ? orElse(request) : files(request))
  }
}

function answer(request: HttpRequest, repo: Repo, scheme: 'http' | 'https'): HttpResponse {
  const text = repoFile(repo, baseOf(request, scheme))
  const response = textResponse(200, 'text/plain; charset=utf-8', text, {})
  return request.method === 'HEAD' ? withoutBody(response) : response
}
