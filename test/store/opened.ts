import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Digest } from '../../src/digest.ts'
import { type Content, contentRows } from '../../src/store/content.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { type Member, stageMembers } from '../../src/store/members.ts'
import { openState, type State } from '../../src/store/state.ts'
import { makeSite, type Site } from '../helpers/mirror.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

/** A state that this process writes, in a site of its own. */
export interface Opened extends AsyncDisposable {
  site: Site
  state: State
}

/** Opens a new state; it is closed and removed at the end of the `await using` block. */
export async function openNewState(): Promise<Opened> {
  const site = await makeSite()
  const pool = join(site.state, 'pool')
  takeSpare(pool)
  const state = openState(site, 'a test')
  const dispose = () => {
    if (state.database.isOpen) state.close()
    keepSpare(pool)
    return site[Symbol.asyncDispose]()
  }
  return { site, state, [Symbol.asyncDispose]: dispose }
}

/** Where pools wait, emptied, for the next test of a file: making and removing 256 folders takes longer than most tests. */
const spares = mkdtempSync(join(tmpdir(), 'mirror-test-pools-'))
afterAll(() => rmSync(spares, { recursive: true }))

function takeSpare(pool: string): void {
  const [spare] = readdirSync(spares)
  if (spare === undefined) return
  mkdirSync(join(pool, '..'))
  renameSync(join(spares, spare), pool)
}

let count = 0

function keepSpare(pool: string): void {
  if (!existsSync(pool)) return
  for (const folder of readdirSync(pool))
    for (const name of readdirSync(join(pool, folder))) rmSync(join(pool, folder, name), { recursive: true })
  renameSync(pool, join(spares, String(count++)))
}

/** Opens a new database without a state around it; it is closed and removed at the end of the `await using` block. */
export async function openNewDatabase(): Promise<AsyncDisposable & { database: Database }> {
  const folder = await makeTemporaryFolder()
  const database = openDatabase(join(folder.path, 'mirror.db'))
  const dispose = () => {
    database.close()
    return folder[Symbol.asyncDispose]()
  }
  return { database, [Symbol.asyncDispose]: dispose }
}

/** Puts bytes into the pool with their row. `digest`: what the upstream calls them by, where that is not their sha256. */
export function addContent(state: State, bytes: Buffer | string, digest?: Digest): Content {
  const sha256 = sha256Of(bytes)
  const content = { sha256, size: Buffer.byteLength(bytes), digest: digest ?? { algorithm: 'sha256', hex: sha256 } }
  const temporary = join(state.tmp, `${sha256}.new`)
  writeFileSync(temporary, bytes)
  state.pool.adopt(temporary, sha256)
  contentRows(state.database).add([content])
  return content
}

/** Stages files as members, each with its text as its content: metadata in repodata/, a tree's in images/, packages elsewhere. */
export function stageFiles(database: Database, files: Record<string, string>): void {
  const staged = stageMembers(database)
  staged.clear()
  for (const [path, text] of Object.entries(files)) {
    staged.add({ path, kind: kindOf(path), sha256: sha256Of(text), dropped: undefined })
  }
  staged.done()
}

function kindOf(path: string): Member['kind'] {
  if (path.startsWith('repodata/repomd.xml.')) return 'extra'
  if (path.startsWith('repodata/')) return 'metadata'
  return path === '.treeinfo' || path.startsWith('images/') ? 'tree' : 'package'
}

export function sha256Of(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
