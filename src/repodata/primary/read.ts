import { parseDigest } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'
import { numberOf, textOf } from '../fields.ts'
import { fileOf } from '../filelists/read.ts'
import { type Dependency, type DependencyKind, dependencyKinds, type Package } from '../package.ts'

/** What primary tells of a package: all but changelogs, and of its files those that clients look for in primary. */
export type PrimaryRecord = Omit<Package, 'changelogs'>

/**
 * Reads one `<package>` of primary whole and checks it for well-formedness on the way.
 * @throws E_PRIMARY naming what is missing, E_XML for bytes that are not well-formed, E_HASH for the checksum
 */
export function readPrimary(record: Buffer): PrimaryRecord {
  const found = emptyRecord()
  let parent = ''
  let entries: Dependency[] | undefined
  const visit = (tag: StartTag, depth: number): void => {
    if (depth === 3) {
      if (isNamed(tag, 'rpm:entry')) entries?.push(entryOf(tag, found))
      return
    }
    const name = tag.bytes.toString('latin1', tag.nameStart, tag.nameEnd)
    if (depth === 1) {
      parent = name
      entries = undefined
      children.get(name)?.(tag, found)
    } else if (depth === 2 && parent === 'format') {
      entries = found.dependencies[lists.get(name) as DependencyKind]
      if (entries === undefined) format.get(name)?.(tag, found)
    }
  }
  scanElement(record, visit, 3)
  for (const field of required)
    if (found[field] === '') throw new MirrorError('E_PRIMARY', `the record of ${nameOf(found)} has no ${field}`)
  return found
}

const required = ['name', 'arch', 'version', 'release', 'pkgid', 'href'] as const

type Read = (tag: StartTag, found: PrimaryRecord) => unknown

/** What is read of the children of `<package>`. */
const children = new Map<string, Read>([
  ['name', needed('name')],
  ['arch', needed('arch')],
  ['version', readVersion],
  ['checksum', readChecksum],
  ['summary', text('summary')],
  ['description', text('description')],
  ['packager', text('packager')],
  ['url', text('url')],
  ['time', readTimes],
  ['size', readSizes],
  ['location', readLocation],
])

/** What is read of the children of `<format>`, but for the lists of dependencies. */
const format = new Map<string, Read>([
  ['rpm:license', text('license')],
  ['rpm:vendor', text('vendor')],
  ['rpm:group', text('group')],
  ['rpm:buildhost', text('buildHost')],
  ['rpm:sourcerpm', text('sourceRpm')],
  ['rpm:header-range', readHeaderRange],
  ['file', (tag, found) => found.files.push(fileOf(tag))],
])

const lists: ReadonlyMap<string, DependencyKind> = new Map(dependencyKinds.map((kind) => [`rpm:${kind}`, kind]))

type TextField =
  | 'summary'
  | 'description'
  | 'packager'
  | 'url'
  | 'license'
  | 'vendor'
  | 'group'
  | 'buildHost'
  | 'sourceRpm'

function text(field: TextField): Read {
  return (tag, found) => {
    found[field] = textOf(tag)
  }
}

function needed(field: 'name' | 'arch'): Read {
  return (tag, found) => {
    found[field] = textAfter(tag)
  }
}

function readVersion(tag: StartTag, found: PrimaryRecord): void {
  found.epoch = attribute(tag, 'epoch') || '0'
  found.version = attribute(tag, 'ver') ?? ''
  found.release = attribute(tag, 'rel') ?? ''
}

function readChecksum(tag: StartTag, found: PrimaryRecord): void {
  const { algorithm, hex } = parseDigest(attribute(tag, 'type') ?? '', textAfter(tag))
  found.checksumType = algorithm
  found.pkgid = hex
}

function readTimes(tag: StartTag, found: PrimaryRecord): void {
  found.fileTime = numberOf(tag, 'file')
  found.buildTime = numberOf(tag, 'build')
}

function readSizes(tag: StartTag, found: PrimaryRecord): void {
  found.packageSize = numberOf(tag, 'package')
  found.installedSize = numberOf(tag, 'installed')
  found.archiveSize = numberOf(tag, 'archive')
}

function readLocation(tag: StartTag, found: PrimaryRecord): void {
  if (found.href !== '') throw new MirrorError('E_PRIMARY', `the record of ${nameOf(found)} has more than one location`)
  found.href = attribute(tag, 'href') ?? ''
  found.base = attribute(tag, 'xml:base') || undefined
}

function readHeaderRange(tag: StartTag, found: PrimaryRecord): void {
  found.headerStart = numberOf(tag, 'start')
  found.headerEnd = numberOf(tag, 'end')
}

function entryOf(tag: StartTag, found: PrimaryRecord): Dependency {
  const name = attribute(tag, 'name') ?? ''
  const pre = attribute(tag, 'pre')
  const flags = attribute(tag, 'flags')
  const bare = { name, flags: undefined, epoch: undefined, version: undefined, release: undefined, pre: isSet(pre) }
  if (!flags) return bare
  if (!isFlags(flags))
    throw new MirrorError(
      'E_PRIMARY',
      `the record of ${nameOf(found)} has an entry with flags ${JSON.stringify(flags)}`,
    )
  return {
    ...bare,
    flags,
    epoch: attribute(tag, 'epoch') || undefined,
    version: attribute(tag, 'ver') || undefined,
    release: attribute(tag, 'rel') || undefined,
  }
}

function isFlags(text: string): text is Dependency['flags'] & string {
  return text === 'EQ' || text === 'GE' || text === 'LE' || text === 'LT' || text === 'GT'
}

/** createrepo_c, src/xml_parser_primary.c: whatever is not one of these says yes. */
function isSet(pre: string | undefined): boolean {
  return pre !== undefined && !['0', 'FALSE', 'false', 'False'].includes(pre)
}

function nameOf({ name }: PrimaryRecord): string {
  return name || 'a package'
}

function emptyRecord(): PrimaryRecord {
  const dependencies = Object.fromEntries(dependencyKinds.map((kind) => [kind, [] as Dependency[]]))
  return {
    pkgid: '',
    checksumType: 'sha256',
    name: '',
    arch: '',
    epoch: '0',
    version: '',
    release: '',
    summary: undefined,
    description: undefined,
    packager: undefined,
    url: undefined,
    fileTime: 0,
    buildTime: 0,
    packageSize: 0,
    installedSize: 0,
    archiveSize: 0,
    href: '',
    base: undefined,
    license: undefined,
    vendor: undefined,
    group: undefined,
    buildHost: undefined,
    sourceRpm: undefined,
    headerStart: 0,
    headerEnd: 0,
    dependencies: dependencies as PrimaryRecord['dependencies'],
    files: [],
  }
}
