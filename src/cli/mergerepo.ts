import { readFileSync } from 'node:fs'
import { wantedArchs } from '../createrepo/merge/archs.ts'
import type { Method } from '../createrepo/merge/choose.ts'
import type { MergeOptions } from '../createrepo/merge/mergerepo.ts'
import { exit, MirrorError } from '../errors.ts'
import { formatOf } from './metadataFlags.ts'
import type { Verb, VerbContext } from './verb.ts'

type MergerepoFlags = {
  repo?: string[]
  repoPrefixSearch?: string
  repoPrefixReplace?: string
  archlist?: string
  archExpand?: boolean
  database?: boolean
  filelistsExt?: boolean
  outputdir?: string
  nogroups?: boolean
  noupdateinfo?: boolean
  compressType?: string
  method?: 'repo' | 'ts' | 'nvr'
  all?: boolean
  noarchRepo?: string
  simpleMdFilenames?: boolean
  omitBaseurl?: boolean
  koji?: boolean
  simple?: boolean
  pkgorigins?: boolean
  groupfile?: string
  blocked?: string
  zck?: boolean
  zckDictDir?: string
  verbose?: boolean
}

/** `mirror mergerepo`: what mergerepo_c does, with its flags. */
export const mergerepoVerb: Verb<MergerepoFlags> = {
  name: 'mergerepo',
  help: 'make one repository of the metadata of several',
  options: [
    { flags: '-r, --repo <repo>', help: 'folder or URL of a repository; once for each', repeat: true },
    { flags: '--repo-prefix-search <prefix>', help: 'beginning of a --repo that is replaced where packages name it' },
    { flags: '--repo-prefix-replace <prefix>', help: 'what it is replaced by' },
    { flags: '-a, --archlist <archs>', help: 'only packages of these archs and noarch (default: all)' },
    { flags: '--arch-expand', help: 'with --archlist: what belongs to these archs too, such as i686 to x86_64' },
    { flags: '-d, --database', help: 'write SQLite databases' },
    { flags: '--no-database', help: 'write none (default)' },
    { flags: '--filelists-ext', help: 'write filelists-ext, which all the repositories must have' },
    { flags: '-o, --outputdir <dir>', help: 'where the repository is made (default: merged_repo)' },
    { flags: '--nogroups', help: 'write no group metadata' },
    { flags: '--noupdateinfo', help: 'write no advisories' },
    { flags: '--compress-type <type>', help: 'zstd (default), gz, xz, bz2 or none' },
    {
      flags: '--method <method>',
      help: "of packages with one name and arch: repo, the first repository's (default), ts, the newest file, nvr, the highest version",
      choices: ['repo', 'ts', 'nvr'],
    },
    { flags: '--all', help: 'all versions of a package; --method does not matter then' },
    {
      flags: '--noarch-repo <repo>',
      help: 'repository whose packages take the place of noarch packages of the same file name',
    },
    { flags: '--unique-md-filenames', help: "put checksums into the metadata files' names (default)" },
    { flags: '--simple-md-filenames', help: "leave checksums out of the metadata files' names" },
    { flags: '--omit-baseurl', help: 'do not say of packages in which repository they are' },
    { flags: '-k, --koji', help: "Koji's rules: of each source package only the first repository's newest build" },
    { flags: '--simple', help: 'with --koji: all builds, and packages of the same version too' },
    { flags: '--pkgorigins', help: 'write which repository each package is of, as with --koji' },
    { flags: '-g, --groupfile <file>', help: "group metadata (default: the first repository's)" },
    { flags: '-b, --blocked <file>', help: 'with --koji: names of source packages that are left out, one in a line' },
    { flags: '--zck', help: 'refused: zchunk files are not written' },
    { flags: '--zck-dict-dir <dir>', help: 'refused, as --zck' },
    { flags: '-v, --verbose', help: 'say what was done' },
  ],
  examples: [
    'mirror mergerepo -r /srv/el9/base -r /srv/el9/updates --method nvr -o /srv/el9/all',
    'mirror mergerepo -r https://example.com/el9/ -r /srv/own --all --archlist x86_64',
  ],
  failed: exit.failed,
  async run(_, flags, context) {
    const options = readOptions(flags, context)
    const { mergerepo } = await import('../createrepo/merge/mergerepo.ts')
    const { changed, packages } = await mergerepo(options)
    const state = changed ? 'published' : 'as it was'
    if (flags.verbose === true) context.log.info(`${options.output}: ${packages} packages, ${state}`)
    return exit.done
  },
}

function readOptions(flags: MergerepoFlags, { log, signal }: VerbContext): MergeOptions {
  refuse(flags)
  const { repo: repos = [], outputdir: output = 'merged_repo', noarchRepo, groupfile } = flags
  const koji = flags.koji === true ? { blocked: readBlocked(flags.blocked), simple: flags.simple === true } : undefined
  return {
    repos,
    output,
    method: methodOf(flags),
    archs: archsOf(flags),
    noarchRepo,
    omitBaseurl: flags.omitBaseurl === true,
    prefix: prefixOf(flags),
    koji,
    pkgorigins: flags.pkgorigins === true,
    groups: flags.nogroups === true ? 'none' : groupfile === undefined ? 'first' : { file: groupfile },
    updateinfo: flags.noupdateinfo !== true,
    filelistsExt: flags.filelistsExt === true,
    database: flags.database === true,
    format: formatOf('--compress-type', flags.compressType ?? 'zstd'),
    names: flags.simpleMdFilenames === true ? 'simple' : 'unique',
    notice: (message) => log.warn(message),
    signal,
  }
}

/** @throws E_USAGE for what does not go together */
function refuse({ repo, koji, simple, blocked, archlist, archExpand, zck, zckDictDir }: MergerepoFlags): void {
  const faults: [boolean, string][] = [
    [repo === undefined, 'no repository to merge; name each with --repo'],
    [archExpand === true && archlist === undefined, '--arch-expand: --archlist is missing'],
    [koji !== true && simple === true, '--simple: only with --koji'],
    [koji !== true && blocked !== undefined, '--blocked: only with --koji'],
    [zck === true || zckDictDir !== undefined, 'zchunk files are not written here; leave out --zck and --zck-dict-dir'],
  ]
  for (const [isFault, message] of faults) if (isFault) throw new MirrorError('E_USAGE', message)
}

function methodOf({ koji, simple, all, method = 'repo' }: MergerepoFlags): Method {
  if (koji === true && simple === true) return 'simple'
  return koji === true || all === true ? 'all' : method
}

/** Koji merges noarch packages alone where no archs are given. */
function archsOf({ archlist, archExpand, koji }: MergerepoFlags): ReadonlySet<string> | undefined {
  if (archlist === undefined && koji !== true) return undefined
  const archs = (archlist ?? '').split(/[\s,;]+/).filter(Boolean)
  return wantedArchs(archs, koji === true || archExpand === true)
}

function prefixOf({ repoPrefixSearch: search, repoPrefixReplace: replace }: MergerepoFlags): MergeOptions['prefix'] {
  if (search === undefined && replace === undefined) return undefined
  if (search !== undefined && search !== '' && replace !== undefined) return { search, replace }
  throw new MirrorError(
    'E_USAGE',
    '--repo-prefix-search and --repo-prefix-replace are given together, the first not empty',
  )
}

function readBlocked(file: string | undefined): ReadonlySet<string> {
  return new Set(file === undefined ? [] : readFileSync(file, 'utf8').split('\n').filter(Boolean))
}
