import { dirname, join, resolve } from 'node:path'
import { type Block, type Written, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { ConfigKeys } from './schema.ts'
import type { Substitute } from './substitute.ts'
import { listItems } from './units.ts'
import { isWithin, withoutLinks } from './within.ts'

/** The HTTP root and the state, absolute; relative ones start at the folder of the configuration file. */
export type Folders = { root: string; state: string }

/** Folders that belong to the system or hold everything else: never a root or a state themselves. */
const taken = new Set(
  listItems(`
    / /bin /boot /etc /home /lib /lib64 /media /mnt /opt /root /run /sbin /srv /tmp
    /usr /usr/local /usr/share /var /var/cache /var/lib /var/log /var/tmp
  `),
)

/** Folders in which nothing is ever published or stored. */
const closed = ['/boot', '/dev', '/etc', '/proc', '/sys']

/** The folders of a configuration, `state` beside root unless given; undefined after saying why not. */
export async function foldersOf(
  config: Block<ConfigKeys>,
  substitute: Substitute,
  home: string,
  mistakes: Mistakes,
): Promise<Folders | undefined> {
  const { keys, tree } = config
  if (!tree.within.has('root')) mistakes.add(tree.place, 'root is missing', 'write root: and the folder that is served')
  if (keys.root === undefined) return undefined
  const root = absolute(written(config, 'root', keys.root), substitute, mistakes)
  if (root === undefined) return undefined
  const beside = { ...root, value: join(dirname(root.value), 'state') }
  const state = keys.state === undefined ? beside : absolute(written(config, 'state', keys.state), substitute, mistakes)
  if (state === undefined) return undefined
  await check(root, state, home, mistakes)
  return { root: root.value, state: state.value }
}

/** A folder as an absolute path, relative to that of the file in which it is written; undefined after saying why not. */
export function absolute(
  folder: Written<string>,
  substitute: Substitute,
  mistakes: Mistakes,
): Written<string> | undefined {
  const text = substitute(folder)
  if (text === undefined) return undefined
  if (text.startsWith('~')) mistakes.about(folder, '~ is not expanded here', 'write the folder out')
  return { ...folder, value: resolve(dirname(folder.place.file), text) }
}

async function check(root: Written<string>, state: Written<string>, home: string, mistakes: Mistakes): Promise<void> {
  const realRoot = await allowed(root, home, mistakes)
  const realState = await allowed(state, home, mistakes)
  if (realRoot === undefined || realState === undefined) return
  if (isWithin(realState, realRoot)) {
    mistakes.about(state, `${quoted(realState)} lies in root ${quoted(realRoot)}`, 'write a folder beside root')
  } else if (isWithin(realRoot, realState)) {
    mistakes.about(root, `${quoted(realRoot)} lies in state ${quoted(realState)}`, 'write a folder beside state')
  }
}

/** The folder without symbolic links, or undefined after saying why it can be neither root nor state. */
async function allowed(folder: Written<string>, home: string, mistakes: Mistakes): Promise<string | undefined> {
  const real = await withoutLinks(folder.value)
  const reason = refusal(real, home)
  if (reason === undefined) return real
  mistakes.about(folder, `${quoted(real)} ${reason}`, 'write a folder of its own')
}

function refusal(real: string, home: string): string | undefined {
  if (taken.has(real)) return 'is a folder of the system'
  if (real === home) return 'is a home folder'
  const within = closed.find((folder) => isWithin(real, folder))
  return within === undefined ? undefined : `lies in ${within}`
}
