import { createHash } from 'node:crypto'
import { type Entry, numbers, type Text, texts } from './entry.ts'
import { fileEntries } from './fileEntries.ts'
import type { Dependency, RpmSpec } from './spec.ts'
import { dependencyTags, tags } from './tags.ts'

/** The entries of the main header of a package. */
export function mainEntries(spec: RpmSpec, payload: Buffer): Entry[] {
  const entries = [
    ...identity(spec),
    ...sizes(spec),
    ...kinds.flatMap((kind) => dependencies(kind, spec[kind])),
    ...fileEntries(spec),
    ...changelog(spec),
    ...payloadEntries(spec, payload),
  ]
  return overlay(entries, spec.entries, spec.without)
}

/** Entries without some tags, others replaced by the tag or added. */
export function overlay(entries: Entry[], over: Entry[] = [], without: number[] = []): Entry[] {
  const gone = new Set([...without, ...over.map(({ tag }) => tag)])
  return [...entries.filter(({ tag }) => !gone.has(tag)), ...over]
}

const kinds = Object.keys(dependencyTags) as (keyof typeof dependencyTags)[]

function identity(spec: RpmSpec): Entry[] {
  const { name, version = '1.0', release = '1', epoch, arch = 'x86_64', source = false } = spec
  const string = (tag: number, value: Text | undefined) => (value === undefined ? [] : [texts(tag, 'string', [value])])
  const translated = (tag: number, value: Text) => texts(tag, 'i18nString', [value])
  return [
    texts(tags.i18nTable, 'stringArray', ['C']),
    ...string(tags.name, name),
    ...string(tags.version, version),
    ...string(tags.release, release),
    ...(epoch === undefined ? [] : [numbers(tags.epoch, 'int32', [epoch])]),
    translated(tags.summary, spec.summary ?? 'A summary'),
    translated(tags.description, spec.description ?? 'A description.'),
    numbers(tags.buildTime, 'int32', [spec.buildTime ?? 1_600_000_000]),
    ...string(tags.buildHost, spec.buildHost ?? 'builder.example'),
    ...string(tags.vendor, spec.vendor),
    ...string(tags.license, spec.license ?? 'MIT'),
    ...string(tags.packager, spec.packager),
    translated(tags.group, spec.group ?? 'Unspecified'),
    ...string(tags.url, spec.url),
    ...string(tags.os, 'linux'),
    ...string(tags.arch, arch),
    ...string(
      tags.sourceRpm,
      source ? undefined : (spec.sourceRpm ?? [name, version, `${release.toString()}.src.rpm`].join('-')),
    ),
    ...string(tags.rpmVersion, { 3: '3.0.6', 4: '4.18.0', 6: '6.0.0' }[spec.format ?? 4]),
    ...(source ? [numbers(tags.sourcePackage, 'int32', [1])] : []),
    ...(spec.format === 6 ? [...string(tags.encoding, 'utf-8'), numbers(tags.rpmFormat, 'int32', [6])] : []),
  ]
}

/** Format 6 has sizes of 64 bits only. */
function sizes({ size = 0, format }: RpmSpec): Entry[] {
  if (size >= 2 ** 32 || format === 6) return [numbers(tags.longSize, 'int64', [size])]
  return [numbers(tags.size, 'int32', [size])]
}

function dependencies(kind: keyof typeof dependencyTags, list: Dependency[] = []): Entry[] {
  if (list.length === 0) return []
  const triples = list.map((item) => (Array.isArray(item) ? item : ([item, 0, ''] as const)))
  const [nameTag, flagsTag, versionTag] = dependencyTags[kind]
  const column = (at: 0 | 2) => triples.map((triple) => triple[at])
  return [
    texts(nameTag, 'stringArray', column(0)),
    numbers(
      flagsTag,
      'int32',
      triples.map(([, flags]) => flags),
    ),
    texts(versionTag, 'stringArray', column(2)),
  ]
}

function changelog({ changelog = [] }: RpmSpec): Entry[] {
  if (changelog.length === 0) return []
  const column = (at: 1 | 2) => changelog.map((entry) => entry[at])
  return [
    numbers(
      tags.changelogTimes,
      'int32',
      changelog.map(([time]) => time),
    ),
    texts(tags.changelogNames, 'stringArray', column(1)),
    texts(tags.changelogTexts, 'stringArray', column(2)),
  ]
}

function payloadEntries({ format = 4, archiveSize = 0 }: RpmSpec, payload: Buffer): Entry[] {
  const digest = (algorithm: string) => createHash(algorithm).update(payload).digest('hex')
  const form = [
    texts(tags.payloadFormat, 'string', ['cpio']),
    texts(tags.payloadCompressor, 'string', ['gzip']),
    texts(tags.payloadFlags, 'string', ['9']),
  ]
  if (format === 3) return form
  const sha256 = texts(tags.payloadSha256, 'stringArray', [digest('sha256')])
  const algorithm = numbers(tags.payloadSha256Algorithm, 'int32', [8])
  if (format === 4) return [...form, sha256, algorithm]
  return [
    ...form,
    sha256,
    numbers(tags.payloadSize, 'int64', [payload.length]),
    numbers(tags.payloadSizeAlt, 'int64', [archiveSize]),
    texts(tags.payloadSha512, 'string', [digest('sha512')]),
    texts(tags.payloadSha3, 'string', [digest('sha3-256')]),
  ]
}
