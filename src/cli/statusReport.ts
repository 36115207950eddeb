import { chooseRepos } from '../config/choose.ts'
import { loadConfig } from '../config/load.ts'
import { type Report, report } from '../status/report.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { databasePath } from '../store/state.ts'

/** What there is to say of the chosen repositories without asking a daemon. */
export async function takeReport(operands: readonly string[], configFile: string): Promise<Report> {
  const config = await loadConfig(configFile)
  const repos = chooseRepos(config, operands)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    return report({ ...config, repos }, database, undefined, Date.now())
  } finally {
    database?.close()
  }
}
