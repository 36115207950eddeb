import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Repo } from '../../config/repo.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import { type Keyring, readKeyring } from '../../openpgp/keyring.ts'
import { fileId } from '../../publish/sign.ts'
import { type RememberedKeys, rememberedKeys, rememberKeys } from '../../store/gpgkeys.ts'
import type { State } from '../../store/state.ts'
import { Mirrors } from '../../upstream/mirrors.ts'
import { shown } from '../../upstream/transport.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'

/** What keys are read with. */
export type KeyReading = {
  repo: Pick<Repo, 'gpgkey' | 'fingerprints' | 'transfer'>
  row: number
  state: Pick<State, 'database'>
  upstream: Pick<Upstream, 'transport'>
  signal: AbortSignal
  notice: (level: 'info' | 'warn', message: string) => void
}

/** Files of keys have some kilobytes, whole distributions' some hundred. */
const maxBytes = 4 * 1024 * 1024

/** Keys that were fetched so recently are not asked for again, in milliseconds. */
const recentMs = 3_600_000

/**
 * The keys by which a repo's signatures count: its `gpgkey` files and URLs. Those at URLs are remembered and asked for once
 * an hour at most, or at once where `isAnew` says that the remembered ones do not do; where they cannot be had the
 * remembered ones stay. Another set of keys than before is told.
 * @throws E_KEY, E_IO, or what the network says where nothing is remembered
 */
export async function openKeyring(reading: KeyReading, isAnew = false): Promise<Keyring> {
  const files = await Promise.all(
    reading.repo.gpgkey.map(async (url) => ({
      name: keyName(url),
      bytes: await keyBytes(new URL(url), reading, isAnew),
    })),
  )
  return await readKeyring(files)
}

/** Whether some keys come from elsewhere, so that they may have changed. */
export function hasRemoteKeys({ gpgkey }: Pick<Repo, 'gpgkey'>): boolean {
  return gpgkey.some((url) => !url.startsWith('file:'))
}

/** What changes when a file of keys does: one that was taken out of it counts no more, whatever the upstream has. */
export function keyFileIds(gpgkey: readonly string[]): (string | undefined)[] {
  return gpgkey.filter((url) => url.startsWith('file:')).map((url) => fileId(fileURLToPath(url)))
}

/** A key's URL as messages and reports have it; a file by its path. */
export function keyName(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : shown(new URL(url))
}

/** The bytes of one file of keys, as they are configured to be had. */
export async function keyBytes(url: URL, reading: KeyReading, isAnew = false): Promise<Buffer> {
  if (url.protocol === 'file:') return await readKeyFile(fileURLToPath(url))
  const { state, row, notice } = reading
  const before = rememberedKeys(state.database, row, url.href)
  if (before !== undefined && !isAnew && Date.now() - before.at < recentMs) return before.bytes
  try {
    const found = await fetchKeys(url, before, reading)
    if (before !== undefined && !found.bytes.equals(before.bytes)) await tellChange(url, before, found, reading)
    rememberKeys(state.database, row, url.href, found)
    return found.bytes
  } catch (error) {
    if (before === undefined || reading.signal.aborted || !(error instanceof MirrorError)) throw error
    notice('warn', `${error.message}; the keys of before are used`)
    return before.bytes
  }
}

async function readKeyFile(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes) throw new MirrorError('E_LIMIT', `gpgkey: ${file} is larger than ${maxBytes} bytes`)
    return await readFile(file)
  } catch (error) {
    throw fromSystem(error, `gpgkey: Cannot read ${file}`)
  }
}

/** What the URL gives now; it must be keys before it takes the place of the remembered ones. */
async function fetchKeys(
  url: URL,
  before: RememberedKeys | undefined,
  { upstream, repo, signal }: KeyReading,
): Promise<RememberedKeys> {
  const asked = { path: url.href, known: before?.validators ?? {}, limit: maxBytes }
  const at = { mirrors: new Mirrors([{ url: url.href, isListed: false }], {}), transport: upstream.transport }
  const document = await fetchDocument(at, asked, repo.transfer, signal)
  const { bytes, validators } = document ?? (before as RememberedKeys)
  await readKeyring([{ name: shown(url), bytes }])
  return { bytes, validators, at: Date.now() }
}

/** Says which keys came and went at a URL. */
async function tellChange(
  url: URL,
  before: RememberedKeys,
  now: RememberedKeys,
  { repo, notice }: KeyReading,
): Promise<void> {
  const [old, found] = await Promise.all([before, now].map(({ bytes }) => fingerprintsIn(bytes)))
  const came = (found as string[]).filter((one) => !old?.includes(one))
  const went = (old as string[]).filter((one) => !found?.includes(one))
  const counts = repo.fingerprints.length > 0 ? 'only those in fingerprints count' : 'they count from now on'
  const what = [...came.map((one) => `${one} is new`), ...went.map((one) => `${one} is gone`)]
  if (what.length === 0) notice('info', `the keys at ${shown(url)} were renewed`)
  else notice('warn', `the keys at ${shown(url)} have changed: ${what.join(', ')}; ${counts}`)
}

async function fingerprintsIn(bytes: Buffer): Promise<string[]> {
  const { keys } = await readKeyring([{ name: 'remembered keys', bytes }])
  return keys.map(({ fingerprint }) => fingerprint)
}
