import { gatherRelations, type Relations } from '../../repodata/closure/relations.ts'
import { namedBatches, openDocument, type SourceDocument } from '../source.ts'

/** Reads what the rows of primary that count want of each other. `weak` takes what is recommended for required. */
export async function readRelations(primary: SourceDocument, rows: Uint32Array, weak: boolean): Promise<Relations> {
  const gathering = gatherRelations(weak)
  const counting = new Set(rows)
  const { batches } = await openDocument('primary', primary)
  let row = 0
  for await (const batch of namedBatches('primary', batches))
    for (const record of batch) {
      if (counting.has(row)) gathering.add(row, record, { provides: true, requires: true })
      row++
    }
  return gathering.relations
}
