import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import type { CreaterepoOptions } from '../createrepo/options.ts'
import { MirrorError } from '../errors.ts'
import type { Retention } from '../publish/retention.ts'
import type { Tag } from '../repodata/repomd.ts'
import { algorithmOf, formatOf } from './metadataFlags.ts'

/** createrepo_c's flags as they are given. */
export type CreaterepoFlags = {
  outputdir?: string
  basedir?: string
  update?: boolean
  updateMdPath?: string[]
  skipStat?: boolean
  recyclePkglist?: boolean
  excludes?: string[]
  pkglist?: string
  includepkg?: string[]
  skipSymlinks?: boolean
  baseurl?: string
  locationPrefix?: string
  cutDirs?: string
  groupfile?: string
  checksum?: string
  repomdChecksum?: string
  generalCompressType?: string
  compressType?: string
  xz?: boolean
  simpleMdFilenames?: boolean
  retainOldMd?: string
  retainOldMdByAge?: string
  changelogLimit?: string
  filelistsExt?: boolean
  database?: boolean
  repo?: string[]
  content?: string[]
  distro?: string[]
  revision?: string
  setTimestampToRevision?: boolean
  discardAdditionalMetadata?: boolean
  duplicatedNevra?: 'keep' | 'keep-last'
  readPkgsList?: string
  workers?: string
  compatibility?: boolean
  ignoreLock?: boolean
  quiet?: boolean
}

/** What flags mean, with createrepo_c's defaults (src/cmd_parser.c). @throws E_USAGE for a value that cannot be meant */
export function optionsOf(operand: string, flags: CreaterepoFlags): CreaterepoOptions {
  const directory = existingFolder(resolve(flags.basedir ?? '.', operand))
  const checksum = algorithmOf('--checksum', flags.checksum ?? 'sha256')
  const output = flags.outputdir === undefined ? directory : existingFolder(resolve(flags.outputdir))
  return {
    directory,
    output,
    choice: {
      excludes: flags.excludes ?? [],
      pkglist: pkglistOf(flags),
      skipSymlinks: flags.skipSymlinks === true,
    },
    locating: {
      cutDirs: countOf('--cut-dirs', flags.cutDirs) ?? 0,
      prefix: flags.locationPrefix,
      base: flags.baseurl,
    },
    reading: {
      checksum,
      changelogLimit: countOf('--changelog-limit', flags.changelogLimit, -1) ?? 10,
      filelistsExt: flags.filelistsExt === true,
    },
    update: updateOf(flags),
    workers: countOf('--workers', flags.workers, 1, 100) ?? Math.min(availableParallelism(), 5),
    groupFile: flags.groupfile === undefined ? undefined : groupFileOf(flags.groupfile, directory),
    formats: formatsOf(flags),
    databases: flags.database ?? flags.compatibility === true,
    duplicates: flags.duplicatedNevra ?? 'keep',
    repomdChecksum: algorithmOf('--repomd-checksum', flags.repomdChecksum ?? checksum),
    revision: flags.revision,
    timestampToRevision: timestampsFrom(flags),
    tags: tagsOf(flags),
    names: flags.simpleMdFilenames === true ? 'simple' : 'unique',
    retention: retentionOf(flags),
    readPkgsList: flags.readPkgsList === undefined ? undefined : resolve(flags.readPkgsList),
    ignoreLock: flags.ignoreLock === true,
  }
}

function existingFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path
  throw new MirrorError('E_USAGE', `${path} is not a directory`)
}

/** A path of the working directory, or of the repository, where it is looked for first (createrepo_c, src/cmd_parser.c). */
function groupFileOf(file: string, directory: string): string {
  const found = [join(directory, file), resolve(file)].find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isFile(),
  )
  if (found !== undefined) return found
  throw new MirrorError('E_USAGE', `--groupfile ${file}: there is no such file, also not in ${directory}`)
}

function pkglistOf({ pkglist, includepkg, recyclePkglist }: CreaterepoFlags): string[] | undefined {
  if (pkglist === undefined && includepkg === undefined) return recyclePkglist === true ? [] : undefined
  const listed = pkglist === undefined ? [] : readFileSync(pkglist, 'utf8').split('\n')
  return [...new Set([...(includepkg ?? []), ...listed.map((line) => line.trim()).filter(Boolean)])]
}

function updateOf(flags: CreaterepoFlags): CreaterepoOptions['update'] {
  if (flags.update !== true) {
    for (const [flag, given] of [
      ['--skip-stat', flags.skipStat],
      ['--recycle-pkglist', flags.recyclePkglist],
      ['--update-md-path', flags.updateMdPath],
    ] as const)
      if (given !== undefined) throw new MirrorError('E_USAGE', `${flag} has no meaning without --update`)
    return undefined
  }
  return {
    mdPaths: (flags.updateMdPath ?? []).map((path) => resolve(path)),
    skipStat: flags.skipStat === true,
    recyclePkglist: flags.recyclePkglist === true,
    keepAdditional: flags.discardAdditionalMetadata !== true,
  }
}

function formatsOf(flags: CreaterepoFlags): CreaterepoOptions['formats'] {
  // As in createrepo_c, --xz outdoes --compress-type only.
  const ownType = flags.xz === true ? 'xz' : flags.compressType
  const own = ownType === undefined ? undefined : formatOf('--compress-type', ownType)
  const { generalCompressType } = flags
  const general =
    generalCompressType === undefined ? undefined : formatOf('--general-compress-type', generalCompressType)
  const standard = flags.compatibility === true ? 'gz' : 'zst'
  return {
    documents: general ?? standard,
    others: general ?? own ?? standard,
    groups: flags.compatibility === true ? 'none' : (general ?? own ?? standard),
    databases: general ?? own ?? 'bz2',
  }
}

function retentionOf({ retainOldMd, retainOldMdByAge }: CreaterepoFlags): Retention {
  if (retainOldMd !== undefined && retainOldMdByAge !== undefined)
    throw new MirrorError('E_USAGE', '--retain-old-md and --retain-old-md-by-age exclude each other; give one')
  return {
    retainOldMd: countOf('--retain-old-md', retainOldMd),
    retainOldMdByAge: retainOldMdByAge === undefined ? undefined : ageOf(retainOldMdByAge),
  }
}

const seconds: Record<string, number> = { '': 1, m: 60, h: 3600, d: 86_400 }

function ageOf(text: string): number {
  const [, count, unit] = /^(\d{1,9})([mhd]?)$/.exec(text) ?? []
  if (count === undefined || unit === undefined)
    throw new MirrorError('E_USAGE', `--retain-old-md-by-age ${text}: 90m, 2h or 30d is expected, or seconds`)
  return Number(count) * (seconds[unit] as number)
}

function timestampsFrom({ setTimestampToRevision, revision }: CreaterepoFlags): boolean {
  if (setTimestampToRevision !== true) return false
  if (revision !== undefined && /^\d{1,12}$/.test(revision)) return true
  throw new MirrorError('E_USAGE', '--set-timestamp-to-revision needs --revision with a time in seconds')
}

function tagsOf({ repo = [], content = [], distro = [] }: CreaterepoFlags): Tag[] {
  const plain = (kind: Tag['kind']) => (text: string) => ({ kind, text, cpeid: undefined })
  return [...content.map(plain('content')), ...repo.map(plain('repo')), ...distro.map(distroTag)]
}

/** `cpeid,text`, or a text without a comma. */
function distroTag(given: string): Tag {
  const comma = given.indexOf(',')
  if (comma === -1) return { kind: 'distro', text: given, cpeid: undefined }
  return { kind: 'distro', text: given.slice(comma + 1), cpeid: given.slice(0, comma) || undefined }
}

function countOf(flag: string, text: string | undefined, least = 0, most = Infinity): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (/^-?\d{1,9}$/.test(text) && count >= least && count <= most) return count
  const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`
  throw new MirrorError('E_USAGE', `${flag} ${text}: a number ${range} is expected`)
}
