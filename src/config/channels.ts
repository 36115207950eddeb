import { dirname, resolve } from 'node:path'
import { globMatcher } from '../glob.ts'
import type { ChannelKeys } from './channelKeys.ts'
import { type Block, blockIn, type Written, written, writtenItems } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Channel, Config, Repo } from './repo.ts'
import type { ConfigKeys } from './schema.ts'

/** The folder below root that holds snapshots. */
export const snapshotsFolder = 'snapshots'

/** Where a channel shows a repository, relative to root. */
export function channelPath(channel: string, { path }: Pick<Repo, 'path'>): string {
  return `${channel}/${path}`
}

/** Where a snapshot shows a repository, relative to root. */
export function snapshotPath(snapshot: string, { path }: Pick<Repo, 'path'>): string {
  return `${snapshotsFolder}/${snapshot}/${path}`
}

/** What the name of a channel or of a snapshot may be: one part of a path, of a URL and of a section's name. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name)
}

/** Where a repository is shown: at its own path (no channel), then in each channel that has it. */
export function placesOf(
  repo: Repo,
  { channels }: Pick<Config, 'channels'>,
): { channel: string | undefined; path: string }[] {
  const own = { channel: undefined, path: repo.path }
  return [
    own,
    ...channels.filter((one) => takes(one, repo)).map(({ name }) => ({ channel: name, path: channelPath(name, repo) })),
  ]
}

/** Whether a channel has a repository at all. */
export function takes({ repos }: Channel, { id }: Pick<Repo, 'id'>): boolean {
  return repos.length === 0 || repos.some((glob) => globMatcher(glob)(id))
}

/** How long what was shown at a path must stay, for channels that follow it at a distance, in milliseconds; 0 for none. */
export function followedFor({ channels }: Pick<Config, 'channels'>, source: string | undefined): number {
  return Math.max(0, ...channels.filter(({ from }) => from === source).map(({ afterMs }) => afterMs))
}

/** The channels in their order, with their schedules and programs as they are written, for those who judge these. */
export type JudgedChannels = { channels: Channel[]; schedules: Written<string>[]; programs: Written<string>[] }

/** Reads the channels; each is filled from the one before it unless it says otherwise, the first from the repositories. */
export function channelsOf(config: Block<ConfigKeys>, mistakes: Mistakes): JudgedChannels {
  const judged: JudgedChannels = { channels: [], schedules: [], programs: [] }
  const all = Object.entries(config.keys.channels ?? {})
  for (const [i, [name, keys]] of all.entries()) {
    const block = { ...blockIn(config, ['channels', name], keys), keys }
    checkName(name, block, mistakes)
    const before = all.slice(0, i).map(([other]) => other)
    judged.channels.push(channelOf(name, block, before, judged, mistakes))
  }
  return judged
}

function channelOf(
  name: string,
  block: Block<ChannelKeys>,
  before: readonly string[],
  judged: JudgedChannels,
  mistakes: Mistakes,
): Channel {
  const { keys } = block
  const from = keys.from ?? before.at(-1)
  if (keys.from !== undefined && !before.includes(keys.from)) {
    const known = before.length === 0 ? 'leave it out' : `write one of ${before.join(', ')}`
    mistakes.about(written(block, 'from', ''), `no channel ${quoted(keys.from)} stands before it`, known)
  }
  const gates = writtenItems(block, 'gate', keys.gate).map(absoluteGate)
  judged.programs.push(...gates.filter(({ value }) => value !== 'closure'))
  return {
    name,
    from,
    repos: keys.repos ?? [],
    follow: keys.follow ?? false,
    afterMs: keys.after ?? 0,
    timing: timingOf(block, judged),
    security: keys.security ?? false,
    gate: gates.map(({ value }) => value),
    gateTimeoutMs: keys.gate_timeout ?? 600_000,
  }
}

function absoluteGate(gate: Written<string>): Written<string> {
  return gate.value === 'closure' ? gate : { ...gate, value: resolve(dirname(gate.place.file), gate.value) }
}

function timingOf(block: Block<ChannelKeys>, judged: JudgedChannels): Channel['timing'] {
  const { schedule, timezone } = block.keys
  if (schedule === undefined || schedule === 'no') return undefined
  judged.schedules.push(written(block, 'schedule', schedule))
  return { schedule, timeZone: timezone, jitterMs: 0, window: undefined }
}

function checkName(name: string, block: Block<ChannelKeys>, mistakes: Mistakes): void {
  const at = { place: block.tree.keyPlace, called: 'channels' }
  if (!isPlainName(name))
    mistakes.about(at, `${quoted(name)} cannot be a channel's name`, 'use letters, digits, - _ and .')
  else if (name.toLowerCase() === snapshotsFolder)
    mistakes.about(at, `${quoted(name)} is the folder of snapshots`, 'choose another name')
}

/** Says which repositories lie where channels or snapshots are shown. */
export function checkReserved(
  channels: readonly Channel[],
  paths: readonly Written<string>[],
  mistakes: Mistakes,
): void {
  const reserved = new Map(channels.map(({ name }) => [name.toLowerCase(), `the channel ${name}`]))
  reserved.set(snapshotsFolder, 'snapshots')
  for (const path of paths) {
    const [first = ''] = path.value.split('/')
    const taken = reserved.get(first.toLowerCase())
    if (taken !== undefined)
      mistakes.about(
        path,
        `${quoted(path.value)} lies where ${taken} ${taken === 'snapshots' ? 'are' : 'is'} shown`,
        'choose another path',
      )
  }
}

/** A repository as clients of a channel or of a snapshot see it: at that path, and called so. */
export function shownIn(repo: Repo, place: { channel: string } | { snapshot: string }): Repo {
  const [path, where] =
    'channel' in place
      ? [channelPath(place.channel, repo), place.channel]
      : [snapshotPath(place.snapshot, repo), `snapshot ${place.snapshot}`]
  return { ...repo, path, name: `${repo.name ?? repo.id} (${where})` }
}
