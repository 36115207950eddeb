import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Sign } from '../config/repo.ts'
import { withoutSecrets } from '../config/secret.ts'
import { fromSystem, MirrorError, oneLine } from '../errors.ts'

/** Signs what is published. `publicKey` is published beside it. */
export type Signing = {
  publicKey: Buffer
  /** An armored detached signature. @throws E_KEY */
  sign(data: Buffer): Promise<Buffer>
}

/** How long a command may take to sign, in milliseconds, and how much it may say, in bytes. */
const commandMs = 60_000
const maxSignature = 64 * 1024

/**
 * Opens what metadata is signed with: a file with a secret key, or a command with the public key by which each of its
 * signatures is checked before it is published.
 * @throws E_KEY, E_IO
 */
export async function openSigning({ key, command, passphraseFile }: Sign): Promise<Signing> {
  const bytes = await read('sign', key)
  if (command !== undefined) return await openCommand(command, key, bytes)
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile)
  const { openSigner } = await import('../openpgp/sign.ts')
  const signer = await openSigner(bytes, passphrase).catch((error: unknown) => {
    throw error instanceof MirrorError ? new MirrorError(error.code, `sign: ${key}: ${error.message}`) : error
  })
  return {
    publicKey: Buffer.from(signer.publicKey),
    sign: async (data) => Buffer.from(await signer.sign(data)),
  }
}

/** What changes when another key is to sign; undefined where the file cannot be read. */
export function signingKeyId({ key }: Sign): string | undefined {
  return fileId(key)
}

/** The sha256 of a file's bytes; undefined where it cannot be read. */
export function fileId(file: string): string | undefined {
  try {
    return hash('sha256', readFileSync(file), 'hex')
  } catch {
    return undefined
  }
}

async function openCommand(command: string, key: string, publicKey: Buffer): Promise<Signing> {
  const { readKeyring } = await import('../openpgp/keyring.ts')
  const { verifyDetached } = await import('../openpgp/verify.ts')
  const keyring = await readKeyring([{ name: key, bytes: publicKey }])
  return {
    publicKey,
    async sign(data) {
      const signature = await run(command, data)
      try {
        verifyDetached(data, signature, keyring, { now: new Date() })
      } catch (cause) {
        const { message } = cause as Error
        throw new MirrorError('E_KEY', `what ${command} has signed is not of the key in ${key}: ${message}`, { cause })
      }
      return signature
    },
  }
}

/** The command's standard output for what it reads; nothing of it stands in its arguments. */
function run(command: string, data: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: commandMs, killSignal: 'SIGKILL', maxBuffer: maxSignature } as const
    const options = { encoding: 'buffer', env: withoutSecrets(), ...limits } as const
    const child = execFile(command, [], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const said = oneLine(stderr.toString('utf8').trim()).slice(0, 200)
      const how = error.killed === true ? `it took more than ${commandMs / 1000} s` : said || error.message
      reject(new MirrorError('E_KEY', `sign_command ${command} failed: ${how}`, { cause: error }))
    })
    // One that ends without reading says why by its status.
    child.stdin?.on('error', () => {})
    child.stdin?.end(data)
  })
}

async function readPassphrase(file: string): Promise<string> {
  const text = (await read('sign_passphrase_file', file)).toString('utf8')
  return text.replace(/\r?\n$/, '')
}

async function read(key: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw fromSystem(error, `${key}: Cannot read ${file}`)
  }
}
