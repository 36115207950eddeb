import { execFileSync } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'

/** An installed program that we are compared with: how to call it, and the name that it has for a path. */
export type Peer = { version: string; command: string[]; path: (outside: string) => string }

/** The programs that we are compared with; undefined where one is not installed. */
export type Peers = { dnf5: Peer | undefined; createrepo: Peer | undefined }

/** Looks for dnf5 and createrepo_c on PATH, or in a root folder, from which they are run by chroot(8) (as root). */
export function findPeers(chroot: string | undefined): Peers {
  return { dnf5: findPeer('dnf5', chroot), createrepo: findPeer('createrepo_c', chroot) }
}

function findPeer(name: string, chroot: string | undefined): Peer | undefined {
  const folders = chroot === undefined ? (process.env.PATH ?? '').split(delimiter) : [join(chroot, 'usr/bin')]
  if (!folders.some((folder) => isExecutable(join(folder, name)))) return undefined
  const command = chroot === undefined ? [name] : ['chroot', chroot, name]
  const path = (outside: string) => (chroot === undefined ? outside : insideOf(chroot, outside))
  return { version: `${name} ${versionOf(command)}`, command, path }
}

function versionOf([program, ...rest]: string[]): string {
  const text = execFileSync(program as string, [...rest, '--version'], { encoding: 'utf8' })
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? text.trim()
}

function insideOf(chroot: string, outside: string): string {
  const inside = relative(realpathSync(chroot), outside)
  if (inside.startsWith('..'))
    throw new Error(`${outside} does not lie in ${chroot}, so programs in there cannot see it`)
  return `/${inside}`
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
