import { chmodSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSystemError } from '../errors.ts'
import { type Claim, claimFolder, holderName, lockName, unlockedMode } from './stagingLock.ts'

/** The hold on a directory whose metadata is to be published: as long as it lasts, nobody else does so. */
export type Staging = AsyncDisposable & {
  /** Where the metadata is written before it is published; it is removed with what is left in it at the end. */
  folder: string
  /** The folder that clients read. */
  repodata: string
  /** For whoever watches: one line about what was found or put right. */
  notice: (message: string) => void
}

export type StagingOptions = {
  /** The name of the folder that clients read, `repodata` unless given. */
  published?: string | undefined
  /** Works beside whoever holds the directory. Whoever publishes last is seen, and may remove what the other needs. */
  ignoreLock?: boolean | undefined
  notice?: ((message: string) => void) | undefined
}

/**
 * Begins to write a directory's metadata: in `.repodata/`, beside what clients read, which stops other runs and
 * createrepo_c. What a killed run left there is removed.
 * @throws E_BUSY where another run has it
 */
export async function stage(directory: string, options: StagingOptions = {}): Promise<Staging> {
  const { published = 'repodata', ignoreLock = false, notice = () => {} } = options
  const dir = resolve(directory)
  const places = { repodata: join(dir, published), notice }
  if (ignoreLock) return { ...places, ...besideOthers(dir) }
  const folder = join(dir, '.repodata')
  const claim = await claimFolder(folder)
  try {
    if (claim.left.length > 0) notice(`${folder} was left by a run that was killed; its files are removed`)
    empty(folder)
    writeFileSync(join(folder, holderName), `process ${process.pid} since ${new Date().toISOString()}\n`)
  } catch (error) {
    giveUp(folder, claim)
    throw error
  }
  return { ...places, folder, [Symbol.asyncDispose]: async () => giveUp(folder, claim) }
}

function besideOthers(dir: string): Pick<Staging, 'folder'> & AsyncDisposable {
  const folder = mkdtempSync(join(dir, `.repodata.${process.pid}-`))
  chmodSync(folder, 0o755)
  return { folder, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) }
}

function empty(folder: string): void {
  for (const name of readdirSync(folder))
    if (name !== lockName) rmSync(join(folder, name), { recursive: true, force: true })
}

/** The lock's file goes last but the folder: whoever finds the folder between the two takes it over. */
function giveUp(folder: string, claim: Claim): void {
  try {
    if (!claim.isOurs()) return
    empty(folder)
    chmodSync(folder, unlockedMode)
    rmSync(join(folder, lockName), { force: true })
    rmdirSync(folder)
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'ENOENT')) throw error
  } finally {
    claim.release()
  }
}
