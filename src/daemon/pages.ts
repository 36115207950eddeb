import { type Handler, type HttpRequest, type HttpResponse, statusResponse, textResponse } from '../serve/message.ts'
import { type Health, healthz, readyz } from '../status/health.ts'
import { statusJson } from '../status/json.ts'
import type { Metrics } from '../status/metrics.ts'
import { pageHeaders, statusPage } from '../status/page/page.ts'
import type { Report } from '../status/report.ts'
import { baseOf } from './base.ts'

type Page = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** What the daemon answers itself: the status page at `/` and its like; all else is a file of the tree. */
export function pages(report: () => Report, metrics: Metrics, scheme: 'http' | 'https'): (files: Handler) => Handler {
  const own = new Map<string, Page>([
    ['/', (request) => statusPageFor(request, report(), scheme)],
    ['/status.json', () => textResponse(200, 'application/json', statusJson(report()), {})],
    ['/metrics', async () => textResponse(200, metrics.contentType, await metrics.text(report()), {})],
    ['/healthz', () => probe(healthz())],
    ['/readyz', () => probe(readyz(report()))],
  ])
  return (files) => (request) => {
    const [path = ''] = request.target.split('?', 1)
    const page = own.get(path)
    if (page === undefined) return files(request)
    if (request.method === 'GET' || request.method === 'HEAD') return page(request)
    return statusResponse(405, { allow: 'GET, HEAD' })
  }
}

function statusPageFor(request: HttpRequest, now: Report, scheme: 'http' | 'https'): HttpResponse {
  const page = statusPage(now, { base: baseOf(request, scheme) })
  return textResponse(200, 'text/html; charset=utf-8', page, pageHeaders(now))
}

function probe({ status, text }: Health): HttpResponse {
  return textResponse(status, 'text/plain; charset=utf-8', text, {})
}
