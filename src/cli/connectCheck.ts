import type { Config } from '../config/repo.ts'
import { exit, oneLine } from '../errors.ts'
import { type Planned, planRepos } from '../jobs/plans.ts'
import { tryUpstreams } from '../jobs/tryUpstreams.ts'
import { connectJson, connectTable } from './connectReport.ts'
import type { VerbContext } from './verb.ts'

/**
 * `config check --connect`: asks every upstream, and plans a sync of those that answer, which leaves their metadata in the
 * pool. The exit status is 1 where one fails.
 */
export async function connectCheck(config: Config, json: boolean, context: VerbContext): Promise<number> {
  const { log, signal } = context
  const tried = await tryUpstreams(config, config.repos, signal)
  const failed = new Set(tried.flatMap(({ repo, error }) => (error === undefined ? [] : repo)))
  const reachable = new Set(tried.map(({ repo }) => repo)).difference(failed)
  const plans = await plansOf(config, [...reachable], context)
  process.stdout.write(json ? connectJson(tried, plans) : connectTable(tried, plans))
  for (const { repo, error } of [...tried, ...plans])
    if (error !== undefined)
      log.error({ repo, code: error.code }, error.stack ?? oneLine(`${error.code} ${repo}: ${error.message}`))
  const isFailed = failed.size > 0 || plans.some(({ error }) => error !== undefined)
  return isFailed ? exit.failed : exit.done
}

/** By the daemon where one holds the state. */
async function plansOf(config: Config, ids: string[], { log, signal, program }: VerbContext): Promise<Planned[]> {
  if (ids.length === 0) return []
  const { findDaemon } = await import('../admin/client.ts')
  const daemon = await findDaemon(config.admin.socket)
  if (daemon !== undefined) return await daemon.plan({ repos: ids }, signal)
  const repos = config.repos.filter(({ id }) => ids.includes(id))
  const emit: Parameters<typeof planRepos>[2]['emit'] = (event) => {
    if (event.type === 'notice') log[event.level]({ repo: event.repo }, event.message)
  }
  return await planRepos(config, repos, { program, signal, emit, acceptShrink: true })
}
