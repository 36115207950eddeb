import { userInfo } from 'node:os'
import { findDaemon } from '../admin/client.ts'
import { operateHere } from '../jobs/carryOut.ts'
import type { AnswerOf, ArgumentsOf, OperationName } from '../jobs/operations.ts'
import { displayed } from './progress.ts'
import type { VerbContext } from './verb.ts'

/**
 * Has an operation of the table done, by the daemon where one runs, else in this process; what it tells is shown meanwhile.
 * @returns its answer @throws why it cannot be done, the same either way
 */
export async function operate<Name extends OperationName>(
  name: Name,
  given: ArgumentsOf<Name>,
  context: VerbContext,
): Promise<AnswerOf<Name>> {
  const { readConfig } = await import('./configuration.ts')
  const config = await readConfig(context)
  const asking = { name, arguments: given, by: whoAsks() }
  const daemon = await findDaemon(config.admin.socket)
  if (daemon !== undefined) {
    const { askForOperation } = await import('./asked.ts')
    return (await askForOperation(daemon, asking, context)) as AnswerOf<Name>
  }
  const { program, signal } = context
  return await displayed((emit) => operateHere(asking, { config, emit, signal, program }), context)
}

/** The user who runs this, and who has become root or another one to do so. */
function whoAsks(): string {
  const own = ownName()
  const { SUDO_USER: before } = process.env
  return before === undefined || before === own ? own : `${before} as ${own}`
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container there may be no name for it.
    return `uid ${process.getuid?.()}`
  }
}
