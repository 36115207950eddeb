import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What wrk saw: requests and bytes of body per second, and the latency in ms that one of a hundred exceeded. */
export type Load = { requests: number; bytes: number; p99: number }

/** wrk's own lines are rounded to three digits. */
const script = `done = function(summary, latency)
  local seconds = summary.duration / 1e6
  local failed = summary.errors.status + summary.errors.read + summary.errors.timeout
  io.write(string.format("\\n%.3f %.0f %.3f %d\\n",
    summary.requests / seconds, summary.bytes / seconds, latency:percentile(99) / 1000, failed))
end
`

/** Asks for one URL over so many kept connections, as fast as they are answered. @throws when an answer is missing */
export function load(url: URL, connections: number, seconds: number, work: string): Load {
  const done = join(work, 'done.lua')
  writeFileSync(done, script)
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', done, url.href]
  const output = execFileSync('wrk', args, { encoding: 'utf8' })
  const last = output.trim().split('\n').at(-1) as string
  const [requests, bytes, p99, failed] = last.split(' ').map(Number) as [number, number, number, number]
  if (failed > 0) throw new Error(`${url.href}: ${failed} requests failed`)
  return { requests, bytes, p99 }
}
