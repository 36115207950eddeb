import { hash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import type { Terms } from '../../openpgp/judge.ts'
import type { Keyring } from '../../openpgp/keyring.ts'
import { type Checked, checkedRows } from '../../store/checked.ts'
import type { Run } from '../run.ts'
import { openKeyring } from '../trust/keyring.ts'
import type { Gpgcheck } from './checking.ts'
import { PackageCheck } from './packageCheck.ts'

/** Raised whenever a package that passed may no longer do. */
const rules = 1

/** So many packages that passed are remembered with one transaction. */
const batch = 4096

/** @returns undefined where the repository does not ask for signatures of packages @throws E_KEY */
export async function openGpgcheck(run: Run): Promise<Gpgcheck | undefined> {
  const { repo, state } = run
  if (!repo.gpgcheck) return undefined
  const keyring = await openKeyring(run)
  const terms = termsOf(repo)
  const rows = checkedRows(state.database)
  const identity = identify(keyring, terms)
  let pending: Checked[] = []
  const write = () => {
    if (pending.length > 0) rows.add(pending)
    pending = []
  }
  return {
    of(nevra) {
      const named = shortHash(`${identity} ${nevra}`)
      return {
        isChecked: (sha256) => rows.has({ sha256, terms: named }),
        begin: () => new PackageCheck(nevra, keyring, terms),
        passed(sha256) {
          if (pending.push({ sha256, terms: named }) >= batch) write()
        },
      }
    },
    write,
  }
}

/** As rpm has it, a key must have been valid when it signed: packages outlive the keys of their distributions. */
function termsOf({ fingerprints, weakDigests }: Repo): Terms {
  const pins = fingerprints.length > 0 ? fingerprints : undefined
  return { pins, now: new Date(), policy: { weakHashes: weakDigests, expiry: 'signing' } }
}

/** Names keys and terms: what passed with these need not pass again. */
function identify({ id }: Keyring, { pins = [], policy }: Terms): string {
  return shortHash(JSON.stringify([rules, id, [...pins].sort(), policy?.weakHashes]))
}

/** 128 bits, in hex. */
function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}
