import * as z from 'zod/mini'
import { list, scalar } from './keys.ts'
import { duration, line, timeZone, yesNo } from './units.ts'

const glob = line('a glob', 'write ids of repositories or globs such as centos-*')
const channelName = line('a channel', 'write the name of another channel')
const cron = line('a cron expression', 'write five fields such as "30 4 * * *"')
const gate = line('a gate', 'write closure or the path of a program')

/** The keys of one channel. */
const channel = z.strictObject({
  from: scalar(channelName),
  repos: list(glob),
  follow: scalar(yesNo),
  after: scalar(duration(0)),
  schedule: scalar(cron),
  timezone: scalar(timeZone),
  security: scalar(yesNo),
  gate: list(gate, (text) => [text]),
  gate_timeout: scalar(duration(1)),
})

export type ChannelKeys = z.infer<typeof channel>

/** A list of names alone is a map of channels that are as they are by default. */
export const channels = z.optional(
  z.pipe(
    z.transform((given: unknown) => (isNames(given) ? Object.fromEntries(given.map((name) => [name, {}])) : given)),
    z.record(z.string(), channel),
  ),
)

function isNames(given: unknown): given is string[] {
  return Array.isArray(given) && given.every((name) => typeof name === 'string')
}

/** The keys of a channel, for messages. */
export const channelShape = channel.shape
