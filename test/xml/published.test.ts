import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPkgid, readPrimaryRecord } from '../../src/repodata/primary/select.ts'
import { judge } from '../helpers/judges.ts'
import { packageRecord, type ReadDocument, read, written } from './documents.ts'
import { mutations } from './mutations.ts'
import { askXmllint } from './xmllint.ts'

const filelist = '<package pkgid="00" name="a" arch="b"><version ver="1"/><file>/c</file></package>'

/** Reads a document and checks its records as a sync does; undefined where it is refused. */
async function accepted(document: Buffer, name: 'primary' | 'filelists'): Promise<ReadDocument | undefined> {
  try {
    return await read([document], name, name === 'primary' ? readPrimaryRecord : readPkgid)
  } catch (error) {
    expect(error).toMatchObject({ name: 'MirrorError', message: expect.stringMatching(/./) })
    return undefined
  }
}

test.skipIf(!judge('xmllint')).each([
  ['primary', written([packageRecord('a')]).replaceAll('>\n', '>')],
  ['filelists', written([filelist], 'filelists')],
  [
    'filelists',
    written([filelist], 'filelists')
      .replaceAll(/(<\/?)(?=[a-z]+[\s/>])/g, '$1c:')
      .replace('xmlns', 'xmlns:c'),
  ],
  ['filelists', written([filelist.replace('/c', '<![CDATA[/c]]><!-- d -->')], 'filelists')],
] as const)('nothing that xmllint refuses is published of %s with random faults', async (name, document) => {
  const published: Buffer[] = []
  for (const mutant of fc.sample(mutations(document), 2000)) {
    const found = await accepted(mutant, name)
    if (found === undefined) continue
    published.push(Buffer.from(written(found.records, name)))
    if (found.isPlain) published.push(mutant)
  }
  expect(published.length).toBeGreaterThan(50)
  const verdicts = await askXmllint(published)
  expect(
    published
      .filter((_, i) => !verdicts[i])
      .map(String)
      .slice(0, 3),
  ).toEqual([])
})
