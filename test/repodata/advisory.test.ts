import { expect, test } from 'vitest'
import { readAdvisory } from '../../src/repodata/updateinfo/advisory.ts'

const read = (xml: string) => readAdvisory(Buffer.from(xml))

test('an advisory says its id, type, severity, title and CVEs', () => {
  const references = [
    '<reference href="https://a/1" id="CVE-2026-2" type="cve" title="CVE-2026-2"/>',
    '<reference href="https://a/1" id="CVE-2026-2" type="cve"/>',
    '<reference href="https://a/CVE-2026-11/x" type="cve"/>',
    '<reference href="https://a/2" id="RHBZ#1" type="bugzilla"/>',
  ]
  const update = `<update from="a" type="security"><id> RHSA-1 </id><title>a &amp; b</title><severity>Important</severity>
    <description><id>NOT</id></description><references>${references.join('')}</references></update>`
  expect(read(update)).toEqual({
    id: 'RHSA-1',
    type: 'security',
    severity: 'Important',
    title: 'a & b',
    cves: ['CVE-2026-2', 'CVE-2026-11'],
  })
})

test('what it does not say is empty, and what is commented out is not said', () => {
  expect(read('<update><!-- <id>A</id> --><id>B</id></update>')).toEqual({
    id: 'B',
    type: '',
    severity: '',
    title: '',
    cves: [],
  })
})

test('an end tag that is missing is an error', () => {
  expect(() => read('<update><id>A</update>')).toThrow(expect.objectContaining({ code: 'E_XML' }))
})
