import { describe, expect, test } from 'vitest'
import type { MetadataFile } from '../../src/publish/pooled.ts'
import { makeRepomd } from '../../src/publish/repomd.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../../src/repodata/repomd.ts'
import { sha256Of } from '../store/opened.ts'

const then = 1_700_000_000

describe('the first repomd.xml', () => {
  test('says upstream’s revision, tags and times, and our own files', () => {
    const tags: Repomd['tags'] = [{ kind: 'distro', text: 'CentOS Stream 9', cpeid: 'cpe:/o:centos:centos:9' }]
    const upstream = repomd('1700000100', { primary: then, filelists: then + 1, group: then + 50 }, tags)
    const made = makeRepomd(upstream, files('primary', 'filelists', 'other', 'group'), undefined)
    const read = parseRepomd(made.repomd)
    expect([read.revision, made.revision, made.timestamp]).toEqual(['1700000100', '1700000100', then + 50])
    expect(read.tags).toEqual(tags)
    expect(times(made.repomd)).toEqual({ primary: then, filelists: then + 1, other: then + 50, group: then + 50 })
    expect(read.records[0]).toMatchObject({
      type: 'primary',
      href: 'repodata/primary.xml.gz',
      checksum: { algorithm: 'sha256', hex: sha256Of('primary') },
      size: 7,
      openChecksum: { algorithm: 'sha256', hex: sha256Of('open primary') },
      openSize: 12,
    })
  })

  test.each([
    ['a text', 'r42-final', 'r42-final'],
    ['nothing', '', String(then)],
    ['a huge number', '9'.repeat(40), '9'.repeat(40)],
  ])('has a revision where upstream’s is %s', (_, revision, expected) => {
    expect(makeRepomd(repomd(revision, { primary: then }), files('primary'), undefined).revision).toBe(expected)
  })
})

describe('the next repomd.xml', () => {
  test.each([
    ['upstream moved on', '200', '300', '300'],
    ['upstream stands still', '200', '200', '201'],
    ['upstream went back', '200', '100', '201'],
    ['upstream’s is a text now', '200', 'final', String(then)],
    ['upstream’s is a text and ours is ahead of its time', '1700000005', 'final', '1700000006'],
    ['what was shown is a text', 'final', '100', '100'],
    ['both are texts', 'final', 'more final', String(then)],
    ['what was shown is beyond exact numbers', '20240101120000123456', '100', '20240101120000123457'],
    ['both are beyond exact numbers', '20240101120000123456', '20240101120000123458', '20240101120000123458'],
  ])('has a revision that is no smaller where %s', (_, shown, upstream, expected) => {
    const before = { revision: shown, timestamp: 0 }
    expect(makeRepomd(repomd(upstream, { primary: then }), files('primary'), before).revision).toBe(expected)
  })

  test('has timestamps that are all newer than any that was shown', () => {
    const before = { revision: '1', timestamp: then + 100 }
    const upstream = repomd('1', { primary: then, filelists: then + 200 })
    const made = makeRepomd(upstream, files('primary', 'filelists', 'other'), before)
    expect(times(made.repomd)).toEqual({ primary: then + 101, filelists: then + 200, other: then + 200 })
    expect(made.timestamp).toBe(then + 200)
  })

  test('of a generation without any file is newer still', () => {
    expect(makeRepomd(repomd('1', {}), [], { revision: '1', timestamp: then }).timestamp).toBe(then + 1)
  })
})

test('the same upstream after the same generation gives the same bytes', () => {
  const make = () => makeRepomd(repomd('7', { primary: then }), files('primary'), { revision: '7', timestamp: then })
  expect(make().repomd.equals(make().repomd)).toBe(true)
})

function repomd(revision: string, timestamps: Record<string, number>, tags: Repomd['tags'] = []): Repomd {
  const records = Object.entries(timestamps).map(([type, timestamp]): RepomdRecord => {
    const checksum = { algorithm: 'sha256', hex: sha256Of('upstream') } as const
    const rest = { size: 1, openChecksum: undefined, openSize: undefined, databaseVersion: undefined }
    return { type, href: `repodata/${type}`, checksum, timestamp, ...rest }
  })
  return { revision, tags, records }
}

function files(...types: string[]): MetadataFile[] {
  return types.map((type) => ({
    type,
    path: `repodata/${type}.xml.gz`,
    sha256: sha256Of(type),
    size: type.length,
    digest: { algorithm: 'sha256', hex: sha256Of(type) },
    openChecksum: { algorithm: 'sha256', hex: sha256Of(`open ${type}`) },
    openSize: type.length + 5,
  }))
}

function times(repomd: Buffer): Record<string, number> {
  return Object.fromEntries(parseRepomd(repomd).records.map(({ type, timestamp }) => [type, timestamp]))
}
