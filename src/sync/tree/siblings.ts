import { readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Config, Repo } from '../../config/repo.ts'
import { parseTreeinfo, type VariantFolder } from '../../repodata/treeinfo.ts'
import { mirrorsTree, treeinfoNames } from './treeinfo.ts'

/** What installers look for; the folders of sources and debug packages they leave alone. */
const looked: ReadonlySet<string> = new Set(['repository', 'packages'])

const maxBytes = 1024 * 1024

/**
 * Warnings of variants whose packages are in another tree than the published treeinfo that names them, where no repository
 * of the configuration is published at that place. A repository that was not synced yet has no treeinfo to judge by.
 */
export function siblingWarnings({ root, repos }: Pick<Config, 'root' | 'repos'>): string[] {
  const isPublished = (place: string) => repos.some(({ path }) => place === path || place.startsWith(`${path}/`))
  return repos.filter(mirrorsTree).flatMap((repo) => {
    const { name, variants } = publishedTreeinfo(root, repo)
    const lost = variants.filter(({ folder }) => !isPublished(posix.join(repo.path, folder)))
    return firstOfEach(lost).map((variant) => warning(repo, name, variant))
  })
}

/** The variants that a repository's published treeinfo places in other trees. */
function publishedTreeinfo(root: string, { path }: Repo): { name: string; variants: VariantFolder[] } {
  for (const name of treeinfoNames) {
    const file = join(root, path, name)
    try {
      if (statSync(file).size > maxBytes) continue
      const { variants } = parseTreeinfo(readFileSync(file), name)
      return { name, variants: variants.filter(({ key, folder }) => looked.has(key) && folder.startsWith('../')) }
    } catch {
      // Not there, or none of ours: the next sync puts it right or says what is wrong.
    }
  }
  return { name: '', variants: [] }
}

/** Packages are usually below the repository: one warning is enough. */
function firstOfEach(variants: VariantFolder[]): VariantFolder[] {
  const byVariant = new Map<string, VariantFolder>()
  for (const one of variants)
    if (one.key === 'repository' || !byVariant.has(one.variant)) byVariant.set(one.variant, one)
  return [...byVariant.values()]
}

function warning({ at, id, path }: Repo, name: string, { variant, key, folder, line }: VariantFolder): string {
  const place = posix.join(path, folder)
  const says = `${at}: ${id}: line ${line} of its published ${name} says that the ${key} of ${variant} is ${folder}`
  if (place.startsWith('..')) return `${says}, which is outside of root; publish ${id} at a longer path`
  return `${says}; no repository is published at ${place}: mirror it there, or installers do not find it`
}
