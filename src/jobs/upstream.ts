import type { Repo } from '../config/repo.ts'
import { knownConnectTimes, rememberConnectTimes } from '../store/connectTimes.ts'
import { knownMirrors, rememberMirrors } from '../store/mirrors.ts'
import type { State } from '../store/state.ts'
import type { Edition } from '../sync/edition.ts'
import { type KnownMirrors, openUpstream, type Upstream } from '../upstream/upstream.ts'

/** Opens an upstream for a look, with what earlier runs found of its mirrors; new trouble is remembered when it is closed. */
export async function openForLook(repo: Repo, state: State, connections = 1): Promise<Upstream> {
  const upstream = await openUpstream(repo, connections, memoryOf(state))
  return remembering(upstream, state, true)
}

/** Opens an upstream for a sync to an edition, at a rate; how fast its mirrors were is remembered, too. */
export async function openForSync(
  repo: Repo,
  { listed }: Edition,
  state: State,
  perSecond: () => number | undefined,
): Promise<Upstream> {
  const found = { places: listed?.places, ...memoryOf(state), perSecond }
  return remembering(await openUpstream(repo, repo.transfer.maxParallelDownloads, found), state, false)
}

function memoryOf({ database }: State): KnownMirrors {
  return { known: knownMirrors(database), connectTimes: knownConnectTimes(database) }
}

function remembering(upstream: Upstream, { database }: State, isBrief: boolean): Upstream {
  const close = async () => {
    try {
      rememberConnectTimes(database, upstream.connectTimes)
      rememberMirrors(database, upstream.mirrors.learned(isBrief))
    } catch {
      // On a full disk: the next run asks as this one did.
    }
    await upstream.close()
  }
  return { ...upstream, close }
}

/** How many connections a run may have: to its host, or with a list to each of its mirrors. */
export function connectionsOf({ list, transfer }: Repo, { mirrors }: Upstream, dealt: () => number): () => number {
  if (list === undefined) return dealt
  return () => {
    mirrors.allow(dealt())
    return transfer.maxParallelDownloads
  }
}
