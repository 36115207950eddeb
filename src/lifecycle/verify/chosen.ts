import { MirrorError } from '../../errors.ts'
import { globMatcher } from '../../glob.ts'
import type { Database } from '../../store/database.ts'

/**
 * The rows of the published trees that the operands name, by id or glob, or by path, as those of snapshots and channels
 * are; undefined for all, where there are none. @throws E_USAGE for one that names nothing
 */
export function chosenRows(database: Database, operands: readonly string[]): Set<number> | undefined {
  if (operands.length === 0) return undefined
  const rows = database.prepare('SELECT id, path, name FROM repo').all() as { id: number; path: string; name: string }[]
  const chosen = operands.flatMap((operand) => {
    const matches = globMatcher(operand)
    const found = rows.filter(({ path, name }) => matches(name) || matches(path))
    if (found.length > 0) return found.map(({ id }) => id)
    const known = rows.map(({ name }) => name).join(', ')
    throw new MirrorError('E_USAGE', `nothing is published as ${operand}; there is ${known === '' ? 'nothing' : known}`)
  })
  return new Set(chosen)
}
