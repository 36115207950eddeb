import { readOpened } from '../repodata/compression.ts'
import { moduleStreams } from '../repodata/modules/modules.ts'
import type { PackageTable } from './packages.ts'
import { named, type SourceDocument } from './source.ts'
import type { Streams, StreamVersions } from './streams.ts'

/** Reads which rows of a table are artifacts of which stream and version. */
export async function readStreams({ file, record }: SourceDocument, table: PackageTable): Promise<Streams> {
  const rows = rowsByNevra(table)
  const streams = new Map<string, StreamVersions>()
  await named(record.type, async () => {
    for await (const { name, stream, version, artifacts } of moduleStreams(readOpened(file, record))) {
      const found = within(within(streams, `${name}:${stream}`, newVersions), version, newRows)
      for (const artifact of artifacts) for (const row of rows.get(artifact) ?? []) found.add(row)
    }
  })
  return streams
}

function rowsByNevra(table: PackageTable): Map<string, number[]> {
  const rows = new Map<string, number[]>()
  for (let row = 0; row < table.length; row++) within(rows, table.nevra(row), newList).push(row)
  return rows
}

const newVersions = (): StreamVersions => new Map()
const newRows = () => new Set<number>()
const newList = (): number[] => []

function within<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const found = map.get(key) ?? create()
  map.set(key, found)
  return found
}
