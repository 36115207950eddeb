import { readFileSync } from 'node:fs'
import type { BatchSection } from '../createrepo/modify/batchfile.ts'
import type { Change } from '../createrepo/modify/modifyrepo.ts'
import { exit, MirrorError } from '../errors.ts'
import { algorithmOf, formatOf } from './metadataFlags.ts'
import type { Verb, VerbContext } from './verb.ts'

type ModifyrepoFlags = {
  mdtype?: string
  remove?: string
  compress?: boolean
  compressType?: string
  checksum?: string
  uniqueMdFilenames?: boolean
  simpleMdFilenames?: boolean
  batchfile?: string
  newName?: string
  zck?: boolean
  zckDictDir?: string
  verbose?: boolean
}

/** `mirror modifyrepo`: what modifyrepo_c does, with its flags. */
export const modifyrepoVerb: Verb<ModifyrepoFlags> = {
  name: 'modifyrepo',
  help: "add a metadata file to a directory's repomd.xml, or remove one from it",
  arguments: { name: '<paths...>', help: 'the file, unless --remove or --batchfile is given, and the repodata folder' },
  options: [
    { flags: '--mdtype <type>', help: "type of the metadata (default: the file's name up to its first dot)" },
    { flags: '--remove <type>', help: 'remove the metadata of this type' },
    { flags: '--compress', help: 'compress the file (default)' },
    { flags: '--no-compress', help: 'do not compress the file' },
    { flags: '--compress-type <type>', help: 'zstd (default), gz, xz or bz2' },
    { flags: '-s, --checksum <type>', help: 'algorithm of its checksums in repomd.xml (default: sha256)' },
    { flags: '--unique-md-filenames', help: "put the checksum into the file's name (default)" },
    { flags: '--simple-md-filenames', help: "leave the checksum out of the file's name" },
    { flags: '-f, --batchfile <file>', help: 'read from a file what is to be added and removed' },
    { flags: '--new-name <name>', help: 'name of the file in repodata' },
    { flags: '--zck', help: 'refused: zchunk files are not written' },
    { flags: '--zck-dict-dir <dir>', help: 'refused, as --zck' },
    { flags: '--verbose', help: 'say what was done' },
  ],
  examples: [
    'mirror modifyrepo updateinfo.xml /srv/repo/repodata',
    'mirror modifyrepo --mdtype=group comps.xml /srv/repo/repodata',
    'mirror modifyrepo --remove updateinfo /srv/repo/repodata',
  ],
  failed: exit.failed,
  async run(operands, flags, { log }) {
    if (flags.zck === true || flags.zckDictDir !== undefined)
      throw new MirrorError('E_USAGE', 'zchunk files are not written here; leave out --zck and --zck-dict-dir')
    const { repodata, changes } = await readOrder(operands, flags, log)
    const { modifyrepo } = await import('../createrepo/modify/modifyrepo.ts')
    const { changed } = await modifyrepo(repodata, changes, (message) => log.warn(message))
    if (flags.verbose === true) log.info(`${repodata} ${changed ? 'was changed' : 'is as it was'}`)
    return exit.done
  },
}

type Order = { repodata: string; changes: Change[] }

async function readOrder(operands: string[], flags: ModifyrepoFlags, log: VerbContext['log']): Promise<Order> {
  const [first = '', second, ...more] = operands
  const { remove, batchfile } = flags
  const wantsFile = remove === undefined && batchfile === undefined
  if (more.length > 0 || wantsFile !== (second !== undefined) || (remove !== undefined && batchfile !== undefined))
    throw new MirrorError('E_USAGE', 'expected: FILE REPODATA, --remove TYPE REPODATA or --batchfile FILE REPODATA')
  const { typeIn } = await import('../createrepo/modify/modifyrepo.ts')
  if (remove !== undefined) return { repodata: first, changes: [{ remove: flags.mdtype ?? typeIn(remove) }] }
  if (second !== undefined) return { repodata: second, changes: [additionOf(first, flags)] }
  return { repodata: first, changes: await readBatch(batchfile as string, log) }
}

type AdditionFlags = Omit<ModifyrepoFlags, 'remove' | 'batchfile'>

function additionOf(file: string, flags: AdditionFlags): Change {
  const { mdtype, compress, compressType = 'zstd', checksum = 'sha256', simpleMdFilenames, newName } = flags
  if (newName === '') throw new MirrorError('E_USAGE', '--new-name: a name is expected')
  return {
    file,
    type: mdtype,
    newName,
    format: compress === false ? 'none' : formatOf('--compress-type', compressType),
    algorithm: algorithmOf('--checksum', checksum),
    names: simpleMdFilenames === true ? 'simple' : 'unique',
  }
}

async function readBatch(file: string, log: VerbContext['log']): Promise<Change[]> {
  const { readBatchfile } = await import('../createrepo/modify/batchfile.ts')
  const { typeIn } = await import('../createrepo/modify/modifyrepo.ts')
  return readBatchfile(readFileSync(file, 'utf8'), file).map(({ name, keys }) => {
    for (const key of keys.keys()) if (!batchKeys.has(key)) log.warn(`${file}: [${name}] has an unknown key ${key}`)
    const path = keys.get('path') ?? name
    if (isSet({ name, keys }, 'remove', false)) return { remove: keys.get('type') ?? typeIn(path) }
    return additionOf(path, flagsIn({ name, keys }))
  })
}

const batchKeys = new Set('path type remove compress compress-type unique-md-filenames checksum new-name'.split(' '))

function flagsIn(section: BatchSection): AdditionFlags {
  const { keys } = section
  const given = { mdtype: 'type', compressType: 'compress-type', checksum: 'checksum', newName: 'new-name' }
  const flags = Object.entries(given).flatMap(([flag, key]) => (keys.has(key) ? [[flag, keys.get(key)]] : []))
  return {
    ...Object.fromEntries(flags),
    compress: isSet(section, 'compress', true),
    simpleMdFilenames: !isSet(section, 'unique-md-filenames', true),
  }
}

function isSet({ name, keys }: BatchSection, key: string, otherwise: boolean): boolean {
  const value = keys.get(key) ?? String(otherwise)
  if (/^(?:true|1)$/.test(value)) return true
  if (/^(?:false|0)$/.test(value)) return false
  throw new MirrorError('E_CONFIG', `[${name}] ${key}=${value}: true or false is expected`)
}
