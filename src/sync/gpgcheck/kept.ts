import { MirrorError } from '../../errors.ts'
import { contentRows } from '../../store/content.ts'
import type { Kept } from '../kept.ts'
import type { Run } from '../run.ts'
import { Checking, type Gpgcheck, type PackageGpgcheck } from './checking.ts'

/** How many packages that are left out are named. */
const maxTold = 20

/**
 * What of the kept packages a key has signed. The others are left out and told: there is no upstream any more that could
 * sign them, so that an error would stand for ever.
 */
export async function signedOf(kept: Kept | undefined, gpgcheck: Gpgcheck, run: Run): Promise<Kept | undefined> {
  if (kept === undefined) return undefined
  const contents = contentRows(run.state.database)
  const dropped = new Map(kept.dropped)
  const unsigned: string[] = []
  for (const row of kept.rows) {
    const nevra = kept.table.nevra(row)
    const reason = await refusal(contents.sha256Of(kept.table.checksum(row)), gpgcheck.of(nevra), run)
    if (reason === undefined) continue
    dropped.delete(row)
    unsigned.push(`${nevra} (${reason})`)
  }
  gpgcheck.write()
  if (unsigned.length === 0) return kept
  tell(unsigned, run)
  return dropped.size === 0 ? undefined : { ...kept, rows: Uint32Array.from(dropped.keys()), dropped }
}

/** Why a content of the pool is not to be published. */
async function refusal(
  sha256: string | undefined,
  gpgcheck: PackageGpgcheck,
  { state }: Run,
): Promise<string | undefined> {
  if (sha256 !== undefined && gpgcheck.isChecked(sha256)) return undefined
  const checking = new Checking(gpgcheck)
  if (sha256 === undefined || !(await state.pool.isIntact(sha256, (bytes) => checking.update(bytes))))
    return 'its file is damaged'
  try {
    checking.finish(sha256)
    return undefined
  } catch (error) {
    if (error instanceof MirrorError) return error.message
    throw error
  }
}

function tell(unsigned: readonly string[], { notice }: Run): void {
  const more = unsigned.length > maxTold ? ` and ${unsigned.length - maxTold} more` : ''
  const named = unsigned.slice(0, maxTold).join(', ')
  notice('warn', `packages that the upstream has dropped are not kept, because of gpgcheck: ${named}${more}`)
}
