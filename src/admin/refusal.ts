import type { ServerResponse } from 'node:http'
import { type Code, MirrorError } from '../errors.ts'

/** A request that is answered by a status and why. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: Record<string, string>
  /** The error's code, where one of ours led to it. */
  readonly code: Code

  constructor(status: number, message: string, more: { code?: Code; headers?: Record<string, string> } = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = more.code ?? 'E_USAGE'
    this.headers = more.headers ?? {}
  }
}

/** What a failure is answered by; undefined for a bug. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof MirrorError)) return undefined
  const status = statuses[error.code] ?? 500
  return new Refusal(status, error.message, { code: error.code })
}

const statuses: Partial<Record<Code, number>> = { E_USAGE: 400, E_BUSY: 409, E_CONFIG: 422 }

/** Answers with a value as JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  const own = { 'content-type': 'application/json', 'content-length': body.length, 'cache-control': 'no-store' }
  response.writeHead(status, { ...own, ...headers })
  response.end(body)
}

/** Answers why not: `{"error": {"code": "E_USAGE", "message": "..."}}`. */
export function answerRefusal(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  answerJson(response, status, { error: { code, message } }, headers)
}
