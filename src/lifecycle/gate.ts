import { compatibleArches } from '../arch.ts'
import { channelPath } from '../config/channels.ts'
import type { Channel, Repo } from '../config/repo.ts'
import type { GateResult } from '../store/origins.ts'
import type { State } from '../store/state.ts'
import { type Source, shownAt } from './again.ts'
import { newlyUnresolvable } from './closure/unresolvable.ts'
import { documentsOf } from './documents.ts'
import { cannotBeRun, runProgram } from './program.ts'

/** A repository, what it is to show in a channel, and what it shows there now. */
export type Candidate = { repo: Repo; source: Source; before: Source | undefined }

/** What gates may use. `beside`: all that is to be promoted together; `repos`: all that are configured. */
export type Gating = {
  state: State
  channel: Channel
  beside: readonly Candidate[]
  repos: readonly Repo[]
  signal: AbortSignal
}

/** Asks each gate of a channel in its order, until one refuses. */
export async function askGates(candidate: Candidate, gating: Gating): Promise<GateResult[]> {
  const results: GateResult[] = []
  for (const gate of gating.channel.gate) {
    gating.signal.throwIfAborted()
    const problem =
      gate === 'closure' ? await closureProblem(candidate, gating) : await programProblem(gate, candidate, gating)
    results.push({ gate, ...(problem !== undefined && { problem }) })
    if (problem !== undefined) break
  }
  return results
}

/** How many requirements a refusal names. */
const mostNamed = 5

async function closureProblem(candidate: Candidate, gating: Gating): Promise<string | undefined> {
  const { repo, source, before } = candidate
  const { state } = gating
  const documents = (of: Source) => documentsOf(state, of.repo, of.generation)
  const others = companionsOf(candidate, gating)
  const then = before && {
    checked: documents(before),
    others: others.flatMap((one) => one.before ?? []).map(documents),
  }
  const now = { checked: documents(source), others: others.map((one) => documents(one.source)) }
  const missing = await newlyUnresolvable(then, now, basearchOf(repo))
  if (missing.length === 0) return undefined
  const named = missing.slice(0, mostNamed).map(({ nevra, requirement }) => `${nevra} requires ${requirement}`)
  const more = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : ''
  return `finds what nothing would provide: ${named.join('; ')}${more}`
}

/** Other repositories that hosts have beside one, as the channel will show them: of the same arch and release. */
function companionsOf({ repo }: Candidate, { state, channel, beside, repos }: Gating): Candidate[] {
  const key = releaseOf(repo)
  return repos
    .filter((other) => other !== repo && releaseOf(other) === key)
    .flatMap((other) => {
      const promoted = beside.find((one) => one.repo === other)
      const shown = shownAt(state, channelPath(channel.name, other))
      return promoted ?? (shown === undefined ? [] : [{ repo: other, source: shown, before: shown }])
    })
}

/** What tells repositories of different hosts apart: the arch, and the numbers in their paths. */
function releaseOf(repo: Repo): string {
  const segments = repo.path.split('/').filter((segment) => segment !== basearchOf(repo))
  return [basearchOf(repo), ...(segments.join('/').match(/\d+/g) ?? [])].join(' ')
}

/** The arch of a repository's hosts: that of its path, or the one that can install all that is selected. */
export function basearchOf({ path, selection }: Repo): string {
  const known = ['x86_64', 'aarch64', 'ppc64le', 's390x', 'riscv64', 'i386', 'armhfp']
  const named = path.split('/').findLast((segment) => known.includes(segment))
  return (
    named ??
    known.find((arch) => selection.arch.every((one) => compatibleArches(arch).includes(one))) ??
    selection.arch[0] ??
    'x86_64'
  )
}

async function programProblem(
  program: string,
  { repo, source, before }: Candidate,
  gating: Gating,
): Promise<string | undefined> {
  const { state, channel, signal } = gating
  const told = {
    event: 'gate',
    root: state.root,
    repo: repo.id,
    channel: channel.name,
    path: channelPath(channel.name, repo),
    source: source.path,
    sourceGeneration: source.generation.number,
    generation: before?.generation.number ?? null,
    repomd: state.pool.path(source.generation.repomd),
  }
  const problem = await runProgram(program, told, told, { timeoutMs: channel.gateTimeoutMs, signal }).catch(cannotBeRun)
  signal.throwIfAborted()
  return problem
}
