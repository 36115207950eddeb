import type { Algorithm } from '../digest.ts'
import { exit } from '../errors.ts'
import type { WrittenFormat } from '../repodata/compression.ts'
import { algorithmOf, formatOf } from './metadataFlags.ts'
import type { Verb } from './verb.ts'

type SqliterepoFlags = {
  force?: boolean
  keepOld?: boolean
  xz?: boolean
  compressType?: string
  checksum?: string
  localSqlite?: boolean
  verbose?: boolean
}

/** `mirror sqliterepo`: what sqliterepo_c does, with its flags. */
export const sqliterepoVerb: Verb<SqliterepoFlags> = {
  name: 'sqliterepo',
  help: "add SQLite databases, which yum 3 reads, to a directory's repodata",
  arguments: { name: '<dir>', help: 'the directory that has repodata/' },
  options: [
    { flags: '-f, --force', help: 'replace databases that are there' },
    { flags: '--keep-old', help: 'with --force: never remove replaced ones (default: one run later)' },
    { flags: '--compress-type <type>', help: 'gz, zstd, xz, bz2 or none (default: as primary, gz for xz and bz2)' },
    { flags: '--xz', help: 'the same as --compress-type xz' },
    { flags: '--checksum <type>', help: "algorithm of their checksums in repomd.xml (default: primary's)" },
    { flags: '--local-sqlite', help: 'write them in the temporary folder, for directories where SQLite cannot' },
    { flags: '-q, --quiet', help: 'as without it: only warnings and errors are said' },
    { flags: '-v, --verbose', help: 'say what was done' },
  ],
  examples: ['mirror sqliterepo /srv/repo', 'mirror sqliterepo --force --compress-type gz /srv/repo'],
  failed: exit.failed,
  async run([directory], flags, { log, signal }) {
    const { force, keepOld, localSqlite } = flags
    const chosen = { format: formatIn(flags), algorithm: algorithmIn(flags) }
    const { sqliterepo } = await import('../createrepo/sqliterepo.ts')
    const notice = (message: string) => log.warn(message)
    await sqliterepo(directory as string, { force, keepOld, localSqlite, ...chosen, notice, signal })
    if (flags.verbose === true) log.info(`${directory}: repodata has primary_db, filelists_db and other_db now`)
    return exit.done
  },
}

function formatIn({ xz, compressType }: SqliterepoFlags): WrittenFormat | undefined {
  if (xz === true) return 'xz'
  return compressType === undefined ? undefined : formatOf('--compress-type', compressType)
}

function algorithmIn({ checksum }: SqliterepoFlags): Algorithm | undefined {
  return checksum === undefined ? undefined : algorithmOf('--checksum', checksum)
}
