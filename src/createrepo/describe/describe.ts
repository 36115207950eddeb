import type { Package } from '../../repodata/package.ts'
import { isSource, nevraOf } from '../../rpm/called.ts'
import type { Header } from '../../rpm/header.ts'
import type { Rpm } from '../../rpm/rpm.ts'
import { signatureTag, tag } from '../../rpm/tags.ts'
import { readChangelogs } from './changelogs.ts'
import { chooseDependencies } from './dependencies.ts'
import { readFiles } from './files.ts'
import { listDependencies } from './listed.ts'
import { withOwnProvide } from './ownProvide.ts'

/** What a record tells of a package that its headers do not. */
export type FileFacts = Pick<Package, 'pkgid' | 'checksumType' | 'fileTime' | 'packageSize' | 'href' | 'base'>

/** How much is told: changelogs (a negative number is all), and whether the digests of files. */
export type Telling = { changelogLimit: number; fileDigests: boolean; tell: (warning: string) => void }

/**
 * What repository metadata tells of a package, in createrepo_c's reading of its headers (src/parsehdr.c 196-690), after
 * the changes that rpm makes to headers of old formats (lib/package.c, applyRetrofits).
 * @throws E_RPM for a package without name, version, release or arch, or lists that do not fit together
 */
export function describe(rpm: Rpm, facts: FileFacts, { changelogLimit, fileDigests, tell }: Telling): Package {
  const { main, headerStart, headerEnd } = rpm
  const files = readFiles(main, fileDigests)
  const listed = listDependencies(main)
  const provides = main.hasRegion ? listed.provides : withOwnProvide(main, isSource(main), listed.provides)
  const described = {
    ...facts,
    ...readNames(main),
    ...readSizes(rpm),
    headerStart,
    headerEnd,
    dependencies: chooseDependencies({ ...listed, provides }, files, tell),
    files,
    changelogs: readChangelogs(main, changelogLimit),
  }
  if (main.hadControlCharacters) tell('control characters in its header are replaced with U+FFFD')
  return described
}

type Names =
  | 'name'
  | 'arch'
  | 'epoch'
  | 'version'
  | 'release'
  | 'summary'
  | 'description'
  | 'packager'
  | 'url'
  | 'license'
  | 'vendor'
  | 'group'
  | 'buildHost'
  | 'sourceRpm'

function readNames(main: Header): Pick<Package, Names> {
  return {
    ...nevraOf(main),
    summary: main.string(tag.summary),
    description: main.string(tag.description),
    packager: main.string(tag.packager),
    url: main.string(tag.url),
    license: main.string(tag.license),
    vendor: main.string(tag.vendor),
    group: main.string(tag.group),
    buildHost: main.string(tag.buildHost),
    // rpm tells binary packages from source packages by it, and puts this text where there is none.
    sourceRpm: main.string(tag.sourceRpm) ?? (isSource(main) || main.has(tag.sourcePackage) ? undefined : '(none)'),
  }
}

function readSizes({ main, signature }: Rpm): Pick<Package, 'buildTime' | 'installedSize' | 'archiveSize'> {
  const [installedSize = 0] = main.numbers(tag.longSize) ?? main.numbers(tag.size) ?? []
  const archiveSize =
    signature.number(signatureTag.longArchiveSize) ??
    signature.number(signatureTag.payloadSize) ??
    main.number(tag.archiveSize) ??
    0
  const [buildTime = 0] = main.numbers(tag.buildTime) ?? []
  return { buildTime, installedSize, archiveSize }
}
