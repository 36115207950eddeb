import type { JobView, OperationJobView } from '../admin/operations.ts'
import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror jobs`: what the running daemon does, and did last. */
export const jobsVerb: Verb<{ json?: boolean }> = {
  name: 'jobs',
  help: 'show what the running daemon does, what waits, and what it did last',
  options: [{ flags: '--json', help: 'print it as JSON' }],
  async run(_operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { daemonOf } = await import('./asked.ts')
    const jobs = await (await daemonOf(await readConfig(context))).jobs()
    process.stdout.write(flags.json === true ? `${JSON.stringify({ jobs }, null, 2)}\n` : await jobTable(jobs))
    return exit.done
  },
}

async function jobTable(jobs: readonly JobView[]): Promise<string> {
  const { formatTable } = await import('./table.ts')
  const { agoText } = await import('../amounts.ts')
  const { resultText } = await import('../jobs/facts.ts')
  const columns = [
    { heading: 'job', number: true },
    { heading: 'verb' },
    { heading: 'repository' },
    { heading: 'asked for' },
    { heading: 'by' },
    { heading: 'state' },
  ]
  const rows = jobs.map((job) => {
    const { id, verb, repo, asked, asker, state, progress } = job
    const stage = state === 'running' && progress !== null ? `, ${progress.stage}` : ''
    const by = job.repo === null ? job.by : asker
    const ended = job.repo === null ? endOf(job.outcome) : job.outcome && resultText(job.outcome)
    return [String(id), verb, repo ?? '-', agoText(Date.parse(asked)), by, ended ?? state + stage]
  })
  return formatTable(columns, rows)
}

function endOf(outcome: OperationJobView['outcome']): string | null {
  return outcome && (outcome.error?.code ?? outcome.result)
}
