import { closeSync } from 'node:fs'
import { isSystemError } from '../errors.ts'
import { type OpenFile, openInside } from './file.ts'
import { fileResponse } from './fileResponse.ts'
import type { Limits } from './limits.ts'
import { listing } from './listing.ts'
import { type Handler, type HttpRequest, type HttpResponse, statusResponse } from './message.ts'
import { encodePath, parseTarget, type Target } from './path.ts'

type StaticLimits = Pick<Limits, 'urlBytes' | 'listingDetails'>

/**
 * Serves the files and folders below a root that `realRoot` returned: GET and HEAD, conditional requests, ranges,
 * listings. Throws only what has nothing to do with the request (an I/O error), which is a 500.
 */
export function staticFiles(root: string, limits: StaticLimits): Handler {
  return async (request) => {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return statusResponse(405, { allow: 'GET, HEAD' })
    const target = parseTarget(request.target, limits.urlBytes)
    const response = typeof target === 'number' ? statusResponse(target) : await lookUp(root, target, request, limits)
    return method === 'HEAD' ? withoutBody(response) : response
  }
}

async function lookUp(root: string, target: Target, request: HttpRequest, limits: StaticLimits): Promise<HttpResponse> {
  try {
    const file = openInside(root, target.segments)
    if (file === undefined) return statusResponse(404)
    return await closingUnlessSent(file, () => respond(file, target, request, limits))
  } catch (error) {
    return refusal(error)
  }
}

async function respond(
  file: OpenFile,
  target: Target,
  request: HttpRequest,
  limits: StaticLimits,
): Promise<HttpResponse> {
  const folder = file.stats.isDirectory()
  if (target.folder && !folder) return statusResponse(404)
  if (folder !== target.folder || target.untidy) return moved(target, folder)
  return folder ? listing(file, target.segments, limits.listingDetails) : fileResponse(file, target.segments, request)
}

/** To the one name of what was found: dnf asks for `/a//b` when a baseurl has it, installers for `/os//.treeinfo`. */
function moved(target: Target, folder: boolean): HttpResponse {
  return statusResponse(301, { location: encodePath(target.segments, folder) + target.query })
}

async function closingUnlessSent(file: OpenFile, answer: () => Promise<HttpResponse>): Promise<HttpResponse> {
  let sent = false
  try {
    const response = await answer()
    sent = response.body !== undefined && 'file' in response.body
    return response
  } finally {
    if (!sent) closeSync(file.fd)
  }
}

function withoutBody({ body, ...head }: HttpResponse): HttpResponse {
  if (body !== undefined && 'file' in body) closeSync(body.file.fd)
  return head
}

function refusal(error: unknown): HttpResponse {
  if (isSystemError(error, 'EACCES', 'EPERM')) return statusResponse(403)
  if (isSystemError(error, 'EMFILE', 'ENFILE', 'ENOMEM')) return statusResponse(503, { 'retry-after': '5' })
  throw error
}
