import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gnupg } from './gpg.ts'

/** The bytes of a package as rpmsign leaves it; `args` such as `--rpmv3` go before the file. */
export function signRpm(gpg: Gnupg, user: string, rpm: Buffer, args: readonly string[] = []): Buffer {
  const file = join(gpg.home, 'to-sign.rpm')
  writeFileSync(file, rpm)
  const macros = [
    '--define',
    `_gpg_name ${user}`,
    '--define',
    `_gpg_path ${gpg.home}`,
    '--define',
    '__gpg /usr/bin/gpg',
  ]
  execFileSync('rpmsign', [...macros, '--addsign', ...args, file], {
    env: { ...process.env, GNUPGHOME: gpg.home, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return readFileSync(file)
}

/** What rpm makes of packages with these keys and no others. */
export type Rpmkeys = (rpm: Buffer) => { good: boolean; said: string }

/** rpm's own judge with a database of its own: a package must be signed, and header and payload be covered by that. */
export function makeRpmkeys(folder: string, keys: readonly Buffer[]): Rpmkeys {
  const database = join(folder, 'rpmdb')
  mkdirSync(database, { recursive: true })
  const own = ['--dbpath', database, '--define', '_pkgverify_level all']
  const file = join(folder, 'to-check')
  for (const key of keys) {
    writeFileSync(file, key)
    spawnSync('rpmkeys', [...own, '--import', file])
  }
  return (rpm) => {
    writeFileSync(`${file}.rpm`, rpm)
    const { status, stdout, stderr } = spawnSync('rpmkeys', [...own, '-Kv', `${file}.rpm`], {
      env: { ...process.env, LC_ALL: 'C' },
      encoding: 'utf8',
    })
    return { good: status === 0, said: `${stdout}${stderr}` }
  }
}
