import { closeSync } from 'node:fs'
import { isSystemError } from '../errors.ts'
import type { OpenFile } from './file.ts'
import { fileResponse } from './fileResponse.ts'
import type { Find, Found } from './find.ts'
import type { Limits } from './limits.ts'
import { listing } from './listing.ts'
import { type Handler, type HttpRequest, type HttpResponse, statusResponse } from './message.ts'
import { encodePath, parseTarget, type Target } from './path.ts'

type StaticLimits = Pick<Limits, 'urlBytes' | 'listingDetails'>

/**
 * Serves the files and folders that `find` finds: GET and HEAD (whose body whoever sends the response leaves out),
 * conditional requests, ranges, listings. Files are answered at once, without a promise. Throws only what has nothing to do with the request (an I/O error): a 500.
 */
export function staticFiles(find: Find, limits: StaticLimits): Handler {
  return (request) => {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return statusResponse(405, { allow: 'GET, HEAD' })
    const target = parseTarget(request.target, limits.urlBytes)
    return typeof target === 'number' ? statusResponse(target) : lookUp(find, target, request, limits)
  }
}

function lookUp(find: Find, target: Target, request: HttpRequest, limits: StaticLimits): ReturnType<Handler> {
  try {
    const file = find(target.segments, request.client)
    if (file === undefined) return statusResponse(404)
    if ('fd' in file && file.stats.isDirectory()) return listed(file, target, limits).catch(refusal)
    return sent(file, target, request)
  } catch (error) {
    return refusal(error)
  }
}

async function listed(folder: OpenFile, target: Target, { listingDetails }: StaticLimits): Promise<HttpResponse> {
  try {
    if (!target.folder || target.untidy) return moved(target, true)
    return await listing(folder, target.segments, listingDetails)
  } finally {
    closeSync(folder.fd)
  }
}

function sent(file: Found, target: Target, request: HttpRequest): HttpResponse {
  let isBody = false
  try {
    if (target.folder) return statusResponse(404)
    if (target.untidy) return moved(target, false)
    const response = fileResponse(file, target.segments, request)
    isBody = response.body !== undefined && 'file' in response.body
    return response
  } finally {
    if ('fd' in file && !isBody) closeSync(file.fd)
  }
}

/** To the one name of what was found: dnf asks for `/a//b` when a baseurl has it, installers for `/os//.treeinfo`. */
function moved(target: Target, folder: boolean): HttpResponse {
  return statusResponse(301, { location: encodePath(target.segments, folder) + target.query })
}

function refusal(error: unknown): HttpResponse {
  if (isSystemError(error, 'EACCES', 'EPERM')) return statusResponse(403)
  if (isSystemError(error, 'EMFILE', 'ENFILE', 'ENOMEM')) return statusResponse(503, { 'retry-after': '5' })
  throw error
}
