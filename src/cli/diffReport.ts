import { loadConfig } from '../config/load.ts'
import { MirrorError } from '../errors.ts'
import { sidesOf } from '../lifecycle/diff/address.ts'
import { type Diff, diff } from '../lifecycle/diff/diff.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { openPool } from '../store/pool.ts'
import { databasePath } from '../store/state.ts'

/** Compares what the operands name, without asking a daemon. @throws E_USAGE naming what there is not */
export async function takeDiff(operands: readonly string[], configFile: string): Promise<Diff> {
  const config = await loadConfig(configFile)
  const database = openDatabaseReadOnly(databasePath(config.state))
  if (database === undefined) throw new MirrorError('E_USAGE', `nothing was ever published by ${config.state}`)
  try {
    const { before, after } = sidesOf(operands, config, database)
    return await diff(before, after, { database, pool: openPool(config.state) })
  } finally {
    database.close()
  }
}
