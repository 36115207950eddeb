import type { Channel, Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'

/** A channel by its name. @throws E_USAGE naming those that there are */
export function chosenChannel({ channels, file }: Config, name: string): Channel {
  const found = channels.find((channel) => channel.name === name)
  if (found !== undefined) return found
  const known =
    channels.length === 0 ? 'none; write channels: there' : channels.map((channel) => channel.name).join(', ')
  throw new MirrorError('E_USAGE', `no channel ${name} in ${file}; it has ${known}`)
}
