import { resolve } from 'node:path'
import { bytesText, countText } from '../amounts.ts'
import { chooseRepos } from '../config/choose.ts'
import { size } from '../config/units.ts'
import { MirrorError } from '../errors.ts'
import type { Exported } from '../lifecycle/archive/export.ts'
import type { Verb } from './verb.ts'

type ExportFlags = {
  output?: string
  since?: string
  partSize?: string
  sign?: string
  passphraseFile?: string
  json?: boolean
}

/** `mirror export`: write what is published into one archive, for a mirror that no network leads to. */
export const exportVerb: Verb<ExportFlags> = {
  name: 'export',
  help: 'write what is published into an archive, to be imported where no network leads to',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [
    { flags: '-o, --output <file>', help: 'the archive, a tar that is not there yet' },
    { flags: '--since <base>', help: 'leave out what an earlier archive has, or a retained generation by its number' },
    { flags: '--part-size <size>', help: 'write parts of this size, FILE.001 and so on, such as 4G' },
    { flags: '--sign <file>', help: 'sign it with the private OpenPGP key of a file' },
    { flags: '--passphrase-file <file>', help: 'a file with the passphrase that unlocks that key' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: [
    'mirror export -o /media/usb/full.tar',
    'mirror export --since /media/usb/full.tar -o /media/usb/monday.tar "centos-*"',
  ],
  async run(operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { exportRepos } = await import('../jobs/export.ts')
    const config = await readConfig(context)
    if (flags.output === undefined)
      throw new MirrorError('E_USAGE', 'nothing says where to write: mirror export -o FILE')
    const exported = await exportRepos({
      config,
      repos: chooseRepos(config, operands),
      file: resolve(flags.output),
      since: flags.since,
      partBytes: flags.partSize === undefined ? null : partBytes(flags.partSize),
      key: flags.sign === undefined ? undefined : { file: flags.sign, passphraseFile: flags.passphraseFile },
      signal: context.signal,
    })
    process.stdout.write(flags.json === true ? json(exported) : text(exported))
    return 0
  },
}

/** Smaller parts than this have more names than use. */
const leastPart = 64 * 1024

function partBytes(given: string): number {
  const bytes = size(0).read(given)
  if (bytes !== undefined && bytes >= leastPart) return bytes
  throw new MirrorError('E_USAGE', `--part-size ${given}: a size of 64k or more is expected, such as 4G`)
}

function json({ files, sha256, manifest, bytes }: Exported): string {
  const repos = manifest.repos.map(({ id, path, generation, base }) => ({
    repo: id,
    path,
    generation: generation.number,
    base: base?.number ?? null,
  }))
  return `${JSON.stringify({ files, manifest: sha256, contents: manifest.contents.length, bytes, repos }, null, 2)}\n`
}

function text({ files, sha256, manifest, bytes }: Exported): string {
  const lines = manifest.repos.map(({ id, generation, base }) => {
    const since = base === null ? '' : ` since ${base.number}`
    return `${id}: generation ${generation.number}${since}, ${countText(generation.packages)} packages`
  })
  const amount = `${countText(manifest.contents.length)} files, ${bytesText(bytes)}`
  return `${[...lines, `${files.join(' ')}: ${amount}; manifest sha256 ${sha256}`].join('\n')}\n`
}
