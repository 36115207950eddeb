import {
  bin,
  dependencyTags,
  layOutRpm,
  makeRpm,
  numbers,
  type RpmFaults,
  type RpmSpec,
  sense,
  signatureTags,
  tags,
  texts,
} from '../../helpers/rpmfile.ts'

const whole: RpmSpec = {
  name: 'bad',
  requires: ['a', ['b', sense.equal, '1']],
  files: [{ path: '/usr/bin/a' }, { path: '/usr/share/b' }],
  changelog: [
    [2, 'A', 'newer'],
    [1, 'A', 'older'],
  ],
}

function broken(faults: RpmFaults, more: Partial<RpmSpec> = {}): Buffer {
  return makeRpm({ ...whole, ...more, faults })
}

function main(main: RpmFaults['main'], more: Partial<RpmSpec> = {}): Buffer {
  return broken({ main: main! }, more)
}

/** The file cut at a place, for each format and each place where one part ends or has just begun. */
function cutFiles(): Record<string, Buffer> {
  return Object.fromEntries(
    ([3, 4, 6] as const).flatMap((format) => {
      const { bytes, parts } = layOutRpm({ ...whole, format })
      const [signature, sealed] = parts.signature
      const [header, headerEnd] = parts.main
      const places = {
        'in the lead': 50,
        'behind the lead': signature,
        'in the intro of the signature': signature + 15,
        'behind the intro of the signature': signature + 16,
        'in the index of the signature': signature + 40,
        'in the signature': sealed - 3,
        'behind the signature': header,
        'behind the intro of the header': header + 16,
        'in the index of the header': header + 40,
        'in the header': headerEnd - 100,
        'a byte before the end of the header': headerEnd - 1,
        'behind the header': headerEnd,
        'in the payload': headerEnd + 10,
        'a byte before its end': bytes.length - 1,
      }
      return Object.entries(places).map(([where, at]) => [`format ${format} cut ${where}`, bytes.subarray(0, at)])
    }),
  )
}

const [requireName, requireFlags, requireVersion] = dependencyTags.requires

/** Files that are named .rpm and are none, or are broken, by what is wrong with them. */
export const badFiles: Record<string, Buffer> = {
  empty: Buffer.alloc(0),
  'one byte': Buffer.from([0xed]),
  'a text': Buffer.from('This is not an RPM file, although it is long enough to be one.\n'.repeat(40)),
  'a page of HTML': Buffer.from(`<!DOCTYPE html><title>404 Not Found</title>${' '.repeat(4000)}`),
  zeros: Buffer.alloc(20_000),
  ...cutFiles(),
  'another magic of the lead': broken({ lead: (lead) => lead.writeUInt32BE(0xedabeedc, 0) }),
  'a lead of format 9': broken({ lead: (lead) => lead.writeUInt8(9, 4) }),
  'a signature that is no header': broken({ lead: (lead) => lead.writeUInt16BE(1, 78) }),
  'another magic of the signature': broken({ signature: { magic: Buffer.from('8eade802', 'hex') } }),
  'another magic of the header': main({ magic: Buffer.from('00000000', 'hex') }),
  'a signature of 2^32 entries': broken({ signature: { entries: 0xffffffff } }),
  'a signature of 2^28 entries': broken({ signature: { entries: 0x10000000 } }),
  'a signature of no entries': broken({ signature: { entries: 0 } }),
  'a signature of 4 GiB': broken({ signature: { bytes: 0xfffffff0 } }),
  'a signature of 200 MiB': broken({ signature: { bytes: 200 * 2 ** 20 } }),
  'a header of 2^32 entries': main({ entries: 0xffffffff }),
  'a header of 60000 entries': main({ entries: 60_000 }),
  'a header of no entries': main({ entries: 0 }),
  'a header of 4 GiB': main({ bytes: 0xfffffff0 }),
  'a header of 255 MiB': main({ bytes: 0x0ffffff0 }),
  'a header that says to be smaller': main({ bytes: 64 }),
  'a tag of 2^32 items': main({ index: [{ of: tags.baseNames, count: 0xffffffff }] }),
  'a tag of 2^24 items': main({ index: [{ of: tags.fileModes, count: 2 ** 24 }] }),
  'a tag of no items': main({ index: [{ of: tags.version, count: 0 }] }),
  'a string of two items': main({ index: [{ of: tags.version, count: 2 }] }),
  'an offset behind the data': main({ index: [{ of: tags.version, offset: 0x00ffffff }] }),
  'an offset below zero': main({ index: [{ of: tags.version, offset: -8 }] }),
  'an offset that overlaps': main({ index: [{ of: tags.release, offset: 0 }] }),
  'an offset that is not aligned': main({ index: [{ of: tags.buildTime, offset: 0x101 }] }),
  'a type that there is not': main({ index: [{ of: tags.version, type: 77 }] }),
  'a name that is a number': main({ index: [{ of: tags.name, type: 3 }] }),
  'file modes that are strings': main({ index: [{ of: tags.fileModes, type: 8 }] }),
  'file flags of 16 bits': main({ index: [{ of: tags.fileFlags, type: 3 }] }),
  'an epoch of 8 bits': broken({}, { entries: [numbers(tags.epoch, 'int8', [1])] }),
  'a build time of 64 bits': broken({}, { entries: [numbers(tags.buildTime, 'int64', [1])] }),
  'a tag below 100': main({ index: [{ of: tags.i18nTable, tag: 5 }] }),
  'a region of another type': main({ index: [{ of: 63, type: 6 }] }),
  'a region that is larger than the header': main({ trailer: { offset: -16 * 4000 } }),
  'a region that is smaller than the header': main({ trailer: { offset: -16 * 3 } }),
  'a region whose trailer is another tag': main({ trailer: { tag: 1000 } }),
  'a region that lies elsewhere': main({ index: [{ of: 63, offset: 16 }] }),
  'another SHA-256': broken({ signatureEntries: [texts(signatureTags.sha256, 'string', ['0'.repeat(64)])] }),
  'another SHA-1': broken({ signatureEntries: [texts(signatureTags.sha1, 'string', ['0'.repeat(40)])] }),
  'another SHA3-256': broken(
    { signatureEntries: [texts(signatureTags.sha3, 'string', ['0'.repeat(64)])] },
    { format: 6 },
  ),
  'another MD5 of a package that has nothing else': broken(
    { signatureEntries: [bin(signatureTags.md5, Buffer.alloc(16))] },
    { format: 3 },
  ),
  'a SHA-256 that is none': broken({ signatureEntries: [texts(signatureTags.sha256, 'string', ['zz'])] }),
  'a header that was changed after it was sealed': broken({ flip: [1000] }),
  'no digest at all': broken({ withoutSignature: [signatureTags.sha1, signatureTags.sha256, signatureTags.md5] }),
  'another size': broken({ signatureEntries: [numbers(signatureTags.size, 'int32', [1])] }),
  'fewer versions than requires': broken({}, { entries: [texts(requireVersion, 'stringArray', ['1'])] }),
  'more flags than requires': broken({}, { entries: [numbers(requireFlags, 'int32', [0, 0, 0])] }),
  'more requires than flags': broken({}, { entries: [texts(requireName, 'stringArray', ['a', 'b', 'c'])] }),
  'more base names than files': broken({}, { entries: [texts(tags.baseNames, 'stringArray', ['a', 'b', 'c'])] }),
  'fewer file flags than files': broken({}, { entries: [numbers(tags.fileFlags, 'int32', [0])] }),
  'fewer file modes than files': broken({}, { entries: [numbers(tags.fileModes, 'int16', [0o100644])] }),
  'fewer digests than files': broken({}, { entries: [texts(tags.fileDigests, 'stringArray', [''])] }),
  'files in directories that there are not': broken({}, { entries: [numbers(tags.dirIndexes, 'int32', [0, 7])] }),
  'files in directory 4294967295': broken({}, { entries: [numbers(tags.dirIndexes, 'int32', [0, 2 ** 32 - 1])] }),
  'fewer texts than changelogs': broken({}, { entries: [texts(tags.changelogTexts, 'stringArray', ['a'])] }),
  'fewer times than changelogs': broken({}, { entries: [numbers(tags.changelogTimes, 'int32', [1])] }),
  'no name': broken({}, { without: [tags.name] }),
  'no version': broken({}, { without: [tags.version] }),
  'no release': broken({}, { without: [tags.release] }),
  'no arch': broken({}, { without: [tags.arch] }),
  'an empty name': broken({}, { name: '' }),
}
