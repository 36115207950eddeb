import { bin, numbers, type RpmSpec, signatureTags, tags, texts } from '../../helpers/rpmfile.ts'
import type { Trap } from './sideBySide.ts'

/** Packages by names of their own, so that a difference tells which it is. */
export function named(specs: Omit<RpmSpec, 'name'>[]): Record<string, RpmSpec> {
  return Object.fromEntries(specs.map((spec, i) => [`p${i}.rpm`, { name: `p${i}`, ...spec }]))
}

const optional = [
  tags.summary,
  tags.description,
  tags.url,
  tags.vendor,
  tags.license,
  tags.group,
  tags.buildHost,
  tags.sourceRpm,
  tags.packager,
  tags.buildTime,
  tags.size,
  tags.i18nTable,
  tags.os,
  tags.payloadFormat,
]

const everything = { vendor: 'V', packager: 'P', url: 'http://example.org/' }

/** What a package is: its identity, its sizes, its place in the file, and tags that are not there. */
export const identityTraps: Record<string, Trap> = {
  'the arch of a source package is src': {
    packages: named([
      { source: true },
      { source: true, arch: 'noarch' },
      { source: true, format: 6 },
      { entries: [numbers(tags.sourcePackage, 'int32', [0])] },
      { without: [tags.sourceRpm] },
      { sourceRpm: '' },
    ]),
  },
  'an epoch that is not there is 0': {
    packages: named([{}, { epoch: 0 }, { epoch: 1 }, { epoch: 2 ** 31 }, { epoch: 2 ** 32 - 1 }]),
  },
  'versions stay as they are': {
    packages: named([{ version: '1~rc1' }, { version: '1^git' }, { release: '1.el9_4' }, { version: '1:2-3' }]),
  },
  'sizes beyond 32 bits': {
    packages: named([
      { size: 2 ** 32 - 1, archiveSize: 2 ** 32 - 1 },
      { size: 2 ** 32, archiveSize: 1 },
      { size: 1, archiveSize: 2 ** 32 },
      { size: 2 ** 42, archiveSize: 2 ** 43 },
      { size: 2 ** 33, archiveSize: 2 ** 33, format: 6 },
      { size: 5, archiveSize: 7, format: 6 },
      { entries: [numbers(tags.longSize, 'int64', [77])], size: 5 },
      { faults: { withoutSignature: [signatureTags.payloadSize] }, archiveSize: 9 },
      {
        faults: { withoutSignature: [signatureTags.payloadSize] },
        entries: [numbers(tags.archiveSize, 'int32', [11])],
      },
      { format: 3, size: 8, archiveSize: 9 },
    ]),
  },
  'the header begins after the padding of the signature': {
    packages: named(
      [1, 2, 3, 4, 5, 6, 7, 8].map((length) => ({
        faults: { signatureEntries: [bin(1008, Buffer.alloc(length))] },
      })),
    ),
  },
  'tags that are not there are empty elements': {
    packages: named(optional.map((tag) => ({ ...everything, without: [tag] }))),
  },
  'empty texts and blanks stay': {
    packages: named([
      { summary: '', description: '', url: '', vendor: '', license: '', packager: '', group: '', buildHost: '' },
      { summary: ' a ', description: '\n\ntwo\n lines \n', url: ' ', vendor: '\t', license: ' x', group: ' ' },
      { summary: 'a\nb', vendor: 'a\tb', packager: ' <a@b> ' },
    ]),
  },
  'texts in other languages are not taken': {
    packages: named([
      {
        entries: [
          texts(tags.i18nTable, 'stringArray', ['C', 'de']),
          texts(tags.summary, 'i18nString', ['a summary', 'eine Zusammenfassung']),
          texts(tags.description, 'i18nString', ['a description', 'eine Beschreibung']),
          texts(tags.group, 'i18nString', ['a group', 'eine Gruppe']),
        ],
      },
    ]),
  },
  'one text for another type of text': {
    packages: named([
      { entries: [texts(tags.summary, 'string', ['plain'])] },
      { entries: [texts(tags.vendor, 'stringArray', ['one'])] },
      { entries: [texts(tags.group, 'string', ['plain'])] },
      { entries: [texts(tags.url, 'i18nString', ['http://example.org/'])] },
    ]),
  },
  'formats 3, 4 and 6': {
    packages: named(
      ([3, 4, 6] as const).map((format) => ({
        format,
        ...everything,
        epoch: 3,
        files: [{ path: '/etc/a' }, { path: '/usr/bin/b' }],
        requires: ['bash'],
        changelog: [[1_600_000_000, 'A', 'text']],
      })),
    ),
  },
}
