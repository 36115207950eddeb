import { resolve } from 'node:path'
import { bytesText, countText } from '../amounts.ts'
import { exit } from '../errors.ts'
import type { ImportAnswer, ImportArguments } from '../jobs/import.ts'
import { formatTable } from './table.ts'
import type { Verb } from './verb.ts'

type ImportFlags = {
  dryRun?: boolean
  key?: string[]
  fingerprint?: string[]
  acceptOrigin?: boolean
  json?: boolean
}

/** `mirror import`: check an archive of another mirror's export, and publish what it holds. */
export const importVerb: Verb<ImportFlags> = {
  name: 'import',
  help: 'check an archive that mirror export wrote elsewhere, and publish what it holds',
  arguments: { name: '<file>', help: 'the archive, or what its parts are called before their numbers' },
  options: [
    { flags: '--dry-run', help: 'check everything and publish nothing' },
    { flags: '--key <file>', help: 'public keys, one of which must have signed it', repeat: true },
    { flags: '--fingerprint <hex>', help: 'the only keys of these that count', list: true },
    { flags: '--accept-origin', help: 'take an archive of another mirror than the one before' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror import --dry-run /media/usb/monday.tar', 'mirror import /media/usb/monday.tar'],
  async run([file = ''], flags, context) {
    const { operate } = await import('./operate.ts')
    const answer = await operate('import', argumentsOf(file, flags), context)
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text(answer))
    return exit.done
  },
}

/** As they are passed on: whoever carries it out may have another working folder. */
function argumentsOf(file: string, { dryRun, key = [], fingerprint = [], acceptOrigin }: ImportFlags): ImportArguments {
  return {
    file: resolve(file),
    keys: key.map((name) => resolve(name)),
    fingerprints: fingerprint,
    dryRun: dryRun === true,
    acceptOrigin: acceptOrigin === true,
  }
}

const columns = [
  { heading: 'repository' },
  { heading: 'packages', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'result' },
]

function text({ repos, contents, bytes, manifest, signer, dryRun }: ImportAnswer): string {
  const rows = repos.map(({ repo, packages, added, removed, result, generation }) => {
    const outcome = result === 'unchanged' ? result : dryRun ? 'would be published' : `generation ${generation}`
    return [repo, countText(packages), countText(added), countText(removed), outcome]
  })
  const by = signer === null ? 'not signed' : `signed by ${signer}`
  const whole = `checked ${countText(contents)} files, ${bytesText(bytes)}; manifest sha256 ${manifest}, ${by}\n`
  return formatTable(columns, rows) + whole
}
