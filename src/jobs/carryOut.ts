import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Operating } from '../lifecycle/operating.ts'
import { recover } from '../publish/recover.ts'
import { openState, type State } from '../store/state.ts'
import { followersOf, publishedBy } from './followers.ts'
import type { Asking, Writes } from './operation.ts'
import { type AnswerOf, checkedArguments, findOperation, type OperationName } from './operations.ts'

type Surroundings = Omit<Operating<unknown>, 'arguments' | 'by'>

/** Carries an operation out in this process, as the only one that writes. @throws as `openState` and the operation do */
export async function operateHere<Name extends OperationName>(
  asking: Asking & { name: Name },
  surroundings: Omit<Surroundings, 'state'>,
): Promise<AnswerOf<Name>> {
  const state = openState(surroundings.config, asking.name)
  try {
    recover(state)
    return (await withFollowers(asking, { ...surroundings, state })) as AnswerOf<Name>
  } finally {
    state.close()
  }
}

/** Carries an operation out, and what channels that follow what it has published promote then. */
async function withFollowers(asking: Asking, surroundings: Surroundings): Promise<unknown> {
  const answer = await carryOut(asking, surroundings)
  const { channel, repos } = publishedBy(asking, answer)
  await follow(channel, repos, surroundings)
  return answer
}

/** Fills the channels that follow a channel, or the repositories themselves, after these were published there. */
export async function follow(
  source: string | undefined,
  published: readonly string[],
  surroundings: Surroundings,
): Promise<void> {
  for (const asking of followersOf(surroundings.config, source, published)) await withFollowers(asking, surroundings)
}

/** Carries an operation out in a state that this process, or its parent, holds. */
export async function carryOut({ name, arguments: given, by }: Asking, surroundings: Surroundings): Promise<unknown> {
  const { state, config, signal } = surroundings
  const operation = findOperation(name)
  if (operation === undefined) throw new MirrorError('E_USAGE', `there is no operation ${name}`)
  const checked = checkedArguments(operation, given)
  const writes = operation.writes(config, checked)
  // What a killed process prepared there is published or taken back before anything is compared with it.
  settle(state, writes)
  signal.throwIfAborted()
  try {
    return await operation.run({ ...surroundings, arguments: checked, by })
  } catch (error) {
    settleQuietly(state, writes)
    throw error
  }
}

function settle(state: State, writes: Writes): void {
  if (writes === 'all') recover(state)
  else for (const path of writes) recover(state, path)
}

/** If settling fails too, the next start does it: the error that led here is the one to tell. */
function settleQuietly(state: State, writes: Writes): void {
  try {
    settle(state, writes)
  } catch {
    // Nothing more can be done here.
  }
}

/** Sees that what waited while the configuration was read again still writes where it keeps others from. @throws E_BUSY */
export function checkWrites(config: Config, asking: Asking, writes: Writes): void {
  const now = writesOf(config, asking)
  if (writes === 'all' || (now !== 'all' && now.every((path) => writes.includes(path)))) return
  const message = 'the configuration was read again while it waited, and it would write elsewhere now; ask for it again'
  throw new MirrorError('E_BUSY', message)
}

/** What writing an operation would keep others from. @throws E_USAGE for arguments that it does not take */
export function writesOf(config: Config, { name, arguments: given }: Asking): Writes {
  const operation = findOperation(name)
  if (operation === undefined) throw new MirrorError('E_USAGE', `there is no operation ${name}`)
  return operation.writes(config, checkedArguments(operation, given))
}
