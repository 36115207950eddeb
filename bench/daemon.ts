/** What a daemon costs while nothing happens, and its clients while it syncs; README.md says what is measured. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { formatTable } from '../src/cli/table.ts'
import { serve } from './nginx.ts'
import { daemonOf } from './ours.ts'
import { familyMemory } from './processes.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...commonOptions, seconds: { type: 'string', default: '10' }, repos: { type: 'string', default: '50' } },
})
const [upstream] = positionals
if (upstream === undefined) {
  console.error('usage: bin/node bench/daemon.ts UPSTREAM [--repos 50] [--seconds 10] [--runs 3] [--work DIR]')
  process.exit(2)
}
const seconds = Number(values.seconds)
using setup = setUp(values)
const { work, runs } = setup
warm(upstream)
await using nginx = await serve(upstream, work)

const small = join(import.meta.dirname, '../demo/upstream')
const many = Object.fromEntries(Array.from({ length: Number(values.repos) }, (_, i) => [`r${i}`, { baseurl: small }]))
await idle()
await serving()

/** Memory and processor time of a daemon that has synced everything and waits. */
async function idle(): Promise<void> {
  await using daemon = await daemonOf(values.program, home('idle'), { defaults: { schedule: '@yearly' }, repos: many })
  while (await isBusy(daemon.url)) await sleep(500)
  const before = cpuSeconds(daemon.pid)
  await sleep(seconds * 1000)
  const used = cpuSeconds(daemon.pid) - before
  const { rss, pss } = familyMemory(daemon.pid)
  const memory = `${(rss / 1e6).toFixed(0)} MB RSS, ${(pss / 1e6).toFixed(0)} MB PSS`
  console.log(`\nidle with ${values.repos} repositories: ${memory}, ${used.toFixed(2)} s of CPU in ${seconds} s`)
}

/** The latency of a client of a small tree, by turns while nothing and while UPSTREAM is synced from nothing. */
async function serving(): Promise<void> {
  const rows: string[][] = []
  for (let run = 1; run <= runs; run++) {
    const folder = home(`serving-${run}`)
    const config = { repos: { small: { baseurl: small }, large: { baseurl: nginx.url, newest_only: true } } }
    await using daemon = await daemonOf(values.program, folder, config)
    const sync = (id: string) => synced(join(folder, 'mirror.yaml'), id)
    await sync('small')
    const url = new URL('small/repodata/repomd.xml', daemon.url)
    await latencies(url, () => sleep(1000))
    const quiet = await latencies(url, () => sleep(seconds * 1000))
    const busy = await latencies(url, () => sync('large'))
    const [calm, loaded] = [percentile(quiet, 0.99), percentile(busy, 0.99)]
    rows.push([String(run), calm.toFixed(2), loaded.toFixed(2), (loaded / calm).toFixed(2), String(busy.length)])
  }
  const headings = ['run', 'p99 ms, nothing else', 'p99 ms, while syncing', 'ratio', 'requests while syncing']
  console.log(
    `\n${formatTable(
      headings.map((heading) => ({ heading, number: true })),
      rows,
    )}`,
  )
}

function home(name: string): string {
  const folder = join(work, name)
  mkdirSync(folder)
  return folder
}

async function isBusy(url: string): Promise<boolean> {
  const { repos } = (await (await fetch(new URL('status.json', url))).json()) as { repos: { state: string }[] }
  return repos.some(({ state }) => state !== 'ok')
}

function synced(configFile: string, id: string): Promise<void> {
  const child = spawn(values.program, ['sync', '-c', configFile, id], { stdio: ['ignore', 'ignore', 2] })
  return new Promise((resolve, reject) => {
    child.on('exit', (status) =>
      status === 0 ? resolve() : reject(new Error(`mirror sync ${id} ended with ${status}`)),
    )
  })
}

/** Asks two hundred times a second until `during` is over; the milliseconds that each answer took. */
async function latencies(url: URL, during: () => Promise<void>): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const taken: number[] = []
  const timer = setInterval(() => {
    const began = performance.now()
    const request = get(url, { agent }, (response) => {
      response.resume().once('end', () => taken.push(performance.now() - began))
    })
    request.once('error', () => taken.push(Number.POSITIVE_INFINITY))
  }, 5)
  await during().finally(() => clearInterval(timer))
  await sleep(200)
  agent.destroy()
  return taken
}

function percentile(figures: readonly number[], part: number): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length * part)] as number
}

/** proc(5), /proc/pid/stat: utime and stime in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
