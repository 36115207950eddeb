import { agoText, bytesText, countText, numberText } from '../amounts.ts'
import type { Forgotten, Leftover } from '../lifecycle/forget.ts'
import { formatTable } from './table.ts'

/** What can be forgotten, for people. */
export function leftoverTable(all: readonly Leftover[]): string {
  if (all.length === 0) return 'every tree is of a repository or channel that is configured\n'
  const columns = [
    { heading: 'path' },
    { heading: 'packages', number: true },
    { heading: 'size', number: true },
    { heading: 'published' },
  ]
  const cells = all.map(({ path, packages, bytes, created }) => [
    path,
    countText(packages),
    bytesText(bytes),
    agoText(created),
  ])
  return formatTable(columns, cells)
}

/** What can be forgotten, for machines. */
export function leftoverJson(all: readonly Leftover[]): string {
  const leftovers = all.map(({ path, packages, bytes, created }) => ({
    path,
    packages,
    bytes,
    created: new Date(created).toISOString(),
  }))
  return `${JSON.stringify({ leftovers }, null, 2)}\n`
}

/** One tree that is gone, for people. */
export function forgottenText({ path, files }: Forgotten): string {
  const others = `; ${numberText(files, 'file is', 'files are')} left there, which nobody here has published`
  return `${path} is forgotten${files === 0 ? '' : others}\n`
}
