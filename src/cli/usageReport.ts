import { bytesText, countText } from '../amounts.ts'
import { loadConfig } from '../config/load.ts'
import { type Usage, usageOf } from '../status/usage.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { databasePath } from '../store/state.ts'
import { formatTable } from './table.ts'

const nothing: Usage = { trees: [], contents: 0, physical: 0, unnamed: 0 }

/** What published trees take of the disk, as a table or as JSON. */
export async function usageReport(form: 'table' | 'json', configFile: string): Promise<string> {
  const { state } = await loadConfig(configFile)
  const database = openDatabaseReadOnly(databasePath(state))
  try {
    const usage = database === undefined ? nothing : usageOf(database)
    return form === 'json' ? `${JSON.stringify(usage, null, 2)}\n` : usageTable(usage)
  } finally {
    database?.close()
  }
}

const columns = [
  { heading: 'tree' },
  { heading: 'names', number: true },
  { heading: 'logical', number: true },
  { heading: 'only here', number: true },
]

function usageTable({ trees, contents, physical, unnamed }: Usage): string {
  const rows = trees.map(({ path, names, logical, own }) => [
    path,
    countText(names),
    bytesText(logical),
    bytesText(own),
  ])
  const logical = trees.reduce((sum, tree) => sum + tree.logical, 0)
  const whole = `${bytesText(logical)} published, ${bytesText(physical)} on the disk in ${countText(contents)} files`
  return `${formatTable(columns, rows)}${whole}, ${bytesText(unnamed)} of it unnamed (mirror gc)\n`
}
