import { type Stats, statSync } from 'node:fs'

/**
 * Root goes on as the owner of a state: a file of root's in it could not be changed or removed by the daemon that runs
 * as its owner. What is not there yet will be root's own.
 */
export function becomeOwner(state: string): void {
  if (process.getuid?.() !== 0) return
  const owner: Stats | undefined = statSync(state, { throwIfNoEntry: false })
  if (owner === undefined || owner.uid === 0) return
  process.setgroups?.([owner.gid])
  process.setgid?.(owner.gid)
  process.setuid?.(owner.uid)
}
