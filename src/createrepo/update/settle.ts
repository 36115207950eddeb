import { existsSync } from 'node:fs'
import { hrefOf } from '../location.ts'
import type { CreaterepoOptions, Surroundings } from '../options.ts'
import type { Found, PackagePath } from '../walk.ts'
import type { Reuse } from './reuse.ts'

/** What can be read now; `isAll`: nothing is left for a later run. */
export type Settled = { found: Found; options: CreaterepoOptions; isAll: boolean }

/**
 * Leaves out the files that are still being written, where there is somebody who looks. One that takes the place of a
 * package is told of as that one, for it was not removed.
 */
export async function settle(
  found: Found,
  reuse: Reuse | undefined,
  options: CreaterepoOptions,
  { look }: Surroundings,
): Promise<Settled> {
  if (look === undefined) return { found, options, isAll: true }
  const { packages, modules } = found
  const { attached = [], locating } = options
  const { changed, moving } = await look([...[...packages, ...attached].map(({ file }) => file), ...modules])
  for (const file of changed) reuse?.judge(file, moving.has(file))
  const isReplaced = ({ file, path }: PackagePath) =>
    existsSync(file) && reuse?.tellsOf(hrefOf(path, locating)) === true
  return {
    found: {
      ...found,
      packages: packages.filter((each) => !moving.has(each.file) || isReplaced(each)),
      modules: modules.filter((file) => !moving.has(file)),
    },
    options: { ...options, attached: attached.filter(({ file }) => !moving.has(file)) },
    isAll: moving.size === 0,
  }
}
