import { type Mistakes, quoted } from './mistakes.ts'
import type { Resolved } from './resolve.ts'

/** Says which repositories come into each other's way: by the same id, or by folders that are not apart. */
export function checkApart(all: readonly Resolved[], mistakes: Mistakes): void {
  const byId = new Map<string, Resolved>()
  for (const one of all) {
    const first = byId.get(one.repo.id)
    if (first === undefined) byId.set(one.repo.id, one)
    else tellSameId(first, one, mistakes)
  }
  for (const { first, second } of collisions([...byId.values()])) tellCollision(first, second, mistakes)
}

function tellSameId({ repo }: Resolved, { place }: Resolved, mistakes: Mistakes): void {
  mistakes.add(place, `the id ${quoted(repo.id)} is already that of ${repo.at}`, 'give each repository its own')
}

function tellCollision(first: Resolved, { repo, path, place }: Resolved, mistakes: Mistakes): void {
  if (first.place === place) {
    const write = 'use every variable of the matrix in it'
    mistakes.about(path, 'it does not keep the repositories of the matrix apart', write)
    return
  }
  const other = `${quoted(first.repo.path)} of ${first.repo.id} (${first.repo.at})`
  const how = relation(first.repo.path, repo.path)
  mistakes.about(path, `${quoted(repo.path)} ${how} ${other}`, 'give each repository a folder of its own')
}

function relation(first: string, second: string): string {
  if (first === second) return 'is the same as'
  const deeper = second.split('/').length - first.split('/').length
  if (deeper === 0) return 'differs only in case from'
  return deeper > 0 ? 'lies in' : 'holds'
}

/** Each repository whose folder is, holds or lies in that of an earlier one, case apart, with the first such. */
function collisions(all: readonly Resolved[]): { first: Resolved; second: Resolved }[] {
  const folders = new Map<string, Resolved>()
  const parents = new Map<string, Resolved>()
  return all.flatMap((second) => {
    const [folder, ...above] = upwards(second.repo.path)
    const outer = above.map((parent) => folders.get(parent)).find((found) => found !== undefined)
    const first = folders.get(folder!) ?? parents.get(folder!) ?? outer
    if (!folders.has(folder!)) folders.set(folder!, second)
    for (const parent of above) if (!parents.has(parent)) parents.set(parent, second)
    return first === undefined ? [] : [{ first, second }]
  })
}

/** `A/b/c` as `a/b/c`, `a/b`, `a`: some file systems and archives do not tell cases apart. */
function upwards(path: string): string[] {
  const segments = path.toUpperCase().toLowerCase().split('/')
  return segments.map((_, i) => segments.slice(0, segments.length - i).join('/'))
}
