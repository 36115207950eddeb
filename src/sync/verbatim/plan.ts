import { MirrorError } from '../../errors.ts'
import { readOpened } from '../../repodata/compression.ts'
import { deltasOf } from '../../repodata/prestodelta.ts'
import { treePath } from '../../repodata/treePath.ts'
import type { Edition } from '../edition.ts'
import { fetchRecords } from '../fetchRecords.ts'
import type { Run } from '../run.ts'
import { named, type Source } from '../source.ts'
import type { TreeFile, TreePlan } from '../tree/plan.ts'
import { checkSize, checkStrength } from '../wanted.ts'
import { fetchCompanions } from './companions.ts'
import { instead, metadataPath, packagePath } from './hrefs.ts'

/**
 * The files beside packages and metadata where upstream's own metadata is published: a tree's, and its signature and
 * delta packages.
 * @throws E_CONFIG, E_PATH where that metadata would name what is not there, E_MOVING
 */
export async function planVerbatim(tree: TreePlan, edition: Edition, source: Source, run: Run): Promise<TreePlan> {
  const documents = await fetchCompanions(edition, run)
  checkWhole(source)
  checkHrefs(source)
  for (const record of edition.repomd.records) metadataPath(record)
  return {
    documents: [...tree.documents, ...documents],
    files: [...tree.files, ...(await deltaPackages(edition, run))],
  }
}

function checkWhole({ table, rows }: Source): void {
  if (rows.length === table.length) return
  const wanted = new Set(rows)
  const first = Array.from({ length: table.length }, (_, row) => row).find((row) => !wanted.has(row)) as number
  const left = `${table.length - rows.length} of the ${table.length} packages that upstream's metadata names`
  throw new MirrorError(
    'E_CONFIG',
    `the selection leaves out ${left}, such as ${table.nevra(first)}; with metadata: upstream clients would look for them in vain: select all, or ${instead}`,
  )
}

function checkHrefs({ table, rows }: Source): void {
  const taken = new Map<string, number>()
  for (const row of rows) {
    const path = packagePath({ href: table.href(row), base: table.base(row) })
    const other = taken.get(path)
    if (other !== undefined && table.pkgid(other) !== table.pkgid(row))
      throw new MirrorError(
        'E_PATH',
        `${table.nevra(other)} and ${table.nevra(row)} are both said to be ${path}; ${instead}`,
      )
    taken.set(path, row)
  }
}

/** The delta packages that are named, each a file like those of a tree. */
async function deltaPackages({ repomd }: Edition, run: Run): Promise<TreeFile[]> {
  const records = repomd.records.filter(({ type }) => type === 'prestodelta' || type === 'deltainfo')
  const files = new Map<string, TreeFile>()
  for (const { record, content } of await fetchRecords(records, run))
    await named(record.type, async () => {
      for await (const { href, base, digest, size } of deltasOf(
        readOpened(run.state.pool.path(content.sha256), record),
      )) {
        if (base !== undefined)
          throw new MirrorError('E_PATH', `${href} has an xml:base, which leads elsewhere; ${instead}`)
        const path = treePath(href)
        checkStrength(digest, run.repo.weakDigests)
        checkSize(size ?? 0, maxDelta)
        files.set(path, { path, digest, size, place: record.type, kind: 'extra', isOptional: false })
      }
    })
  return [...files.values()]
}

/** Larger ones than any package are not taken, in bytes. */
const maxDelta = 64 * 1024 ** 3
