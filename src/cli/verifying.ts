import { MirrorError } from '../errors.ts'
import { chosenRows } from '../lifecycle/verify/chosen.ts'
import type { Findings } from '../lifecycle/verify/finding.ts'
import { verify } from '../lifecycle/verify/verify.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { openPool } from '../store/pool.ts'
import { checkRoot, databasePath } from '../store/state.ts'
import { readConfig } from './configuration.ts'
import type { VerbContext } from './verb.ts'

/** A verification and how long it took, in seconds. */
export type Verified = Findings & { seconds: number }

/** Verifies what the operands name, reading only, whoever else writes. @throws E_ROOT where there is no state, or another */
export async function verifyRead(operands: readonly string[], rate: number, context: VerbContext): Promise<Verified> {
  const { root, state } = await readConfig(context)
  const began = performance.now()
  const database = openDatabaseReadOnly(databasePath(state))
  if (database === undefined) throw new MirrorError('E_ROOT', `${state} holds nothing yet; mirror sync fills it`)
  try {
    checkRoot(root, database)
    const only = chosenRows(database, operands)
    const { program, signal } = context
    const findings = await verify({ root, database, pool: openPool(state), only, program, rate, signal })
    return { ...findings, seconds: (performance.now() - began) / 1000 }
  } finally {
    database.close()
  }
}
