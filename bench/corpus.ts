/** Makes an upstream to measure with: real RPM files for the packages that a primary.xml names, and their repodata. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findPeers } from './peers.ts'
import { writeRepodata } from './repository.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    primary: { type: 'string' },
    mkrpms: { type: 'string' },
    chroot: { type: 'string' },
    copies: { type: 'string', default: '1' },
    files: { type: 'string', default: '20' },
    payload: { type: 'string', default: '6000' },
  },
})
const [out] = positionals
const { primary, mkrpms, chroot, ...shape } = values
if (out === undefined || primary === undefined || mkrpms === undefined) {
  console.error(`usage: bin/node bench/corpus.ts OUT --primary FILE --mkrpms PROGRAM [--copies K] [--files F] [--payload B]
PROGRAM PRIMARY DIR --copies K --files F --payload B writes the RPM files, in folders by their first letter.
Without such a program, createrepo_c over any folder of RPM files makes an upstream too.`)
  process.exit(2)
}
if (existsSync(out)) throw new Error(`${out} is there already`)
const { createrepo } = findPeers(chroot)
if (createrepo === undefined) throw new Error('createrepo_c is not installed (see --chroot)')
mkdirSync(out, { recursive: true })
const flags = Object.entries(shape).flatMap(([name, value]) => [`--${name}`, value])
execFileSync(mkrpms, [primary, join(out, 'Packages'), ...flags], { stdio: 'inherit' })
writeRepodata(realpathSync(out), createrepo)
