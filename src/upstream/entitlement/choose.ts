import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fromSystem, MirrorError } from '../../errors.ts'
import { readText } from '../secretFile.ts'
import { type Entitlement, readEntitlement } from './certificate.ts'

/** Red Hat's own authority, which vouches for its content network. */
export const redHatAuthority = '/etc/rhsm/ca/redhat-uep.pem'

/**
 * The certificate for the paths of a repository, of those in a folder: one that is valid and covers them, as long as possible.
 * Where there is none, the nearest thing to it, since what the network says to that is what explains it.
 * @throws E_CREDENTIALS where there is no certificate at all
 */
export function chooseEntitlement(folder: string, paths: readonly string[], now = Date.now()): Entitlement {
  const all = entitlementsIn(folder)
  const worth = (one: Entitlement) => [
    Number(one.validFrom <= now && now < one.validTo),
    Number(paths.every((path) => one.covers(path))),
    Number(!one.saysPaths),
    one.validTo,
  ]
  const [best] = all.map((one) => ({ one, worth: worth(one) })).sort((a, b) => compared(b.worth, a.worth))
  if (best !== undefined) return best.one
  throw new MirrorError(
    'E_CREDENTIALS',
    `entitlement: there is no certificate with its key in ${folder}; register this host with subscription-manager, or copy NUMBER.pem and NUMBER-key.pem there`,
  )
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}

/** Every certificate of a folder that has its key beside it, as subscription-manager names them. */
function entitlementsIn(folder: string): Entitlement[] {
  const names = new Set(listed(folder))
  const found = [...names].filter((name) => name.endsWith('.pem') && names.has(name.replace(/\.pem$/, '-key.pem')))
  return found.map((name) => {
    const file = join(folder, name)
    try {
      return readEntitlement(file, file.replace(/\.pem$/, '-key.pem'), readText('entitlement', file))
    } catch (error) {
      if (error instanceof MirrorError) throw error
      throw new MirrorError('E_CREDENTIALS', `entitlement: ${file} is not a PEM certificate`, { cause: error })
    }
  })
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    const { message } = fromSystem(error, `entitlement: Cannot read ${folder}`) as Error
    throw new MirrorError('E_CREDENTIALS', message, { cause: error })
  }
}
