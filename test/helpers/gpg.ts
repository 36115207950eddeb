import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A GnuPG home of a test: makes keys and signatures as people make them. Its agent ends with it. */
export interface Gnupg extends Disposable {
  home: string
  /** Runs gpg; what it printed. */
  run(args: readonly string[], input?: string | Buffer): Buffer
  /**
   * Makes a key of `Name <name@example.org>` that only signs; its fingerprint in lower case. `at` is gpg's clock,
   * as 20200101T000000.
   */
  key(name: string, algorithm: string, options?: { expires?: string; at?: string }): string
  /** Revokes the primary key of a user with the certificate that gpg made with it. */
  revoke(user: string): void
  /** The public keys of these users, armored. */
  publicKeys(...users: string[]): Buffer
  privateKey(user: string, passphrase?: string): Buffer
  /** An armored detached signature. */
  sign(user: string, data: Buffer, options?: { at?: string; args?: string[] }): Buffer
}

/** A home below a folder. The path of an agent's socket is short, so the folder should be. */
export function makeGnupg(folder: string): Gnupg {
  const home = join(folder, 'gnupg')
  mkdirSync(home, { mode: 0o700 })
  // Keys of any age and strength are what the tests are about.
  writeFileSync(join(home, 'gpg.conf'), 'allow-weak-digest-algos\nno-auto-check-trustdb\ntrust-model always\n')
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' }
  const run: Gnupg['run'] = (args, input) =>
    execFileSync('gpg', ['--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
      env,
      input: input ?? '',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  const clock = (at: string | undefined) => (at === undefined ? [] : ['--faked-system-time', `${at}!`])

  return {
    home,
    run,
    key(name, algorithm, { expires = 'never', at } = {}) {
      const user = `${name} <${name.toLowerCase()}@example.org>`
      run([...clock(at), '--quick-gen-key', user, algorithm, 'sign', expires])
      return fingerprintOf(run(['--with-colons', '--list-keys', user.toLowerCase().split(' ').at(-1) as string]))
    },
    revoke(user) {
      const fingerprint = fingerprintOf(run(['--with-colons', '--list-keys', user])).toUpperCase()
      const certificate = readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8')
      run(['--import'], certificate.replace(':-----BEGIN', '-----BEGIN'))
    },
    publicKeys: (...users) => run(['--armor', '--export', ...users]),
    privateKey: (user, passphrase = '') => run(['--passphrase', passphrase, '--armor', '--export-secret-keys', user]),
    sign: (user, data, { at, args = [] } = {}) =>
      run([...clock(at), '--local-user', user, ...args, '--armor', '--detach-sign'], data),
    [Symbol.dispose]: () => spawnSync('gpgconf', ['--kill', 'all'], { env }),
  }
}

function fingerprintOf(listing: Buffer): string {
  return (/^fpr:+([0-9A-F]+):/m.exec(listing.toString())?.[1] ?? '').toLowerCase()
}

/** What gpgv says on its status channel of a detached signature: whether one counts, and every word that speaks against one. */
export function askGpgv(
  folder: string,
  keys: Buffer,
  signature: Buffer,
  data: Buffer,
): { good: boolean; words: string[] } {
  const [ring, sig, file] = ['ring.gpg', 'file.sig', 'file'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(ring, keys)
  writeFileSync(sig, signature)
  writeFileSync(file, data)
  const { stdout } = spawnSync('gpgv', ['--keyring', ring, '--status-fd', '1', sig, file])
  const words = [...stdout.toString('latin1').matchAll(/^\[GNUPG:\] (\w+)/gm)].map(([, word]) => word as string)
  return { good: words.includes('GOODSIG') && words.includes('VALIDSIG'), words }
}

/** Whether sqv accepts a detached signature. */
export function askSqv(folder: string, keys: Buffer, signature: Buffer, data: Buffer): boolean {
  const [ring, sig, file] = ['ring.gpg', 'file.sig', 'file'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(ring, keys)
  writeFileSync(sig, signature)
  writeFileSync(file, data)
  return spawnSync('sqv', ['--keyring', ring, sig, file]).status === 0
}
