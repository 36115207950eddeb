import { type Daemon, findDaemon } from '../admin/client.ts'
import type { JobView, SyncRequest, Told } from '../admin/operations.ts'
import type { Config } from '../config/repo.ts'
import { MirrorError, unpackError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Facts } from '../jobs/facts.ts'
import type { Asking } from '../jobs/operation.ts'
import { displayed } from './progress.ts'
import { show } from './running.ts'
import type { VerbContext } from './verb.ts'

/** Has a running daemon sync, and shows it as if it happened here; the exit status. */
export async function askForSync(
  daemon: Daemon,
  request: SyncRequest,
  form: 'table' | 'json',
  context: VerbContext,
): Promise<number> {
  context.log.info('the running daemon does it')
  const sync = async (emit: Emit): Promise<Facts[]> => {
    const jobs = await daemon.sync(request, (told) => tell(told, emit), context.signal)
    return jobs.flatMap(({ outcome }) => outcome ?? [])
  }
  return await show(sync, form, context)
}

/** Has a running daemon carry out an operation; its answer. @throws as it would here */
export async function askForOperation(daemon: Daemon, asking: Asking, context: VerbContext): Promise<unknown> {
  context.log.info('the running daemon does it')
  const { outcome } = await displayed(
    (emit) => daemon.operate(asking, (told) => tell(told, emit), context.signal),
    context,
  )
  const { answer, error } = outcome ?? {}
  if (error === undefined) return answer
  const { code, stack, ...rest } = error
  throw unpackError({ ...rest, stack, code: code === 'E_BUG' ? undefined : code })
}

function tell(told: Told, emit: Emit): void {
  if (told.type === 'event') emit(told.event)
  else if (told.job.state === 'queued') emit(waiting(told.job))
}

function waiting({ id, repo, verb }: JobView): Parameters<Emit>[0] {
  return { type: 'notice', repo: repo ?? verb, level: 'info', message: `waits for its turn as job ${id}` }
}

/** The daemon that holds the state. @throws E_USAGE where none runs */
export async function daemonOf({ admin }: Config): Promise<Daemon> {
  const daemon = await findDaemon(admin.socket)
  if (daemon !== undefined) return daemon
  throw new MirrorError('E_USAGE', `no daemon answers at ${admin.socket}; start one: mirror daemon`)
}
