import { join } from 'node:path'
import { markerName } from '../../store/state.ts'
import type { Finding } from './finding.ts'
import { entries, nobodys } from './poolFiles.ts'

/** Tells what lies beside the published trees, below root, that belongs to none of them. */
export function walkRoot(root: string, trees: readonly string[], tell: (finding: Finding) => void): void {
  const above = new Set<string>()
  for (const path of trees)
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) above.add(at)
  const isAbove = new Set([...above].filter((path) => !trees.includes(path)))
  for (const directory of ['', ...isAbove])
    for (const entry of entries(join(root, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (above.has(path) || path === markerName || path === 'lost+found') continue
      if (entry.isDirectory() && entries(join(root, path)).length === 0) continue
      tell({ ...nobodys, kind: 'foreign', path: join(root, path), detail: 'in no published tree' })
    }
}
