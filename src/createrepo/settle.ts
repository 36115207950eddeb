import { existsSync } from 'node:fs'
import { hrefOf } from './location.ts'
import type { CreaterepoOptions, Surroundings } from './options.ts'
import type { Reuse } from './reuse.ts'
import type { Found, PackagePath } from './walk.ts'

/** What can be read now; `isAll`: nothing is left for a later run. */
export type Settled = { found: Found; options: CreaterepoOptions; isAll: boolean }

/**
 * Leaves out the files that are still being written, where there is somebody to say which these are. Those that take
 * the place of a package are told of as that one: it was not removed.
 */
export async function settle(
  found: Found,
  reuse: Reuse | undefined,
  options: CreaterepoOptions,
  { unsettled }: Surroundings,
): Promise<Settled> {
  if (unsettled === undefined) return { found, options, isAll: true }
  const { packages, modules } = found
  const { attached = [], locating } = options
  const fresh = packages.filter((each) => reuse?.knows(each, hrefOf(each.path, locating)) !== true)
  const moving = await unsettled([...[...fresh, ...attached].map(({ file }) => file), ...modules])
  const isHeld = (each: PackagePath) => existsSync(each.file) && reuse?.hold(each, hrefOf(each.path, locating)) === true
  return {
    found: {
      ...found,
      packages: packages.filter((each) => !moving.has(each.file) || isHeld(each)),
      modules: modules.filter((file) => !moving.has(file)),
    },
    options: { ...options, attached: attached.filter(({ file }) => !moving.has(file)) },
    isAll: moving.size === 0,
  }
}
