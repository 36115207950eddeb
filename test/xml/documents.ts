import { type DocumentName, footer, header, kinds } from '../../src/repodata/documents.ts'
import { openRecords } from '../../src/xml/cut.ts'

/** What is read of a document. */
export interface ReadDocument {
  records: string[]
  packages: number | undefined
  /** Whether all of it is in createrepo_c's form. */
  isPlain: boolean
}

/** Reads a document that comes in these pieces; each record's bytes are checked as they are, before they become text. */
export async function read(
  pieces: Iterable<string | Buffer>,
  name: DocumentName = 'primary',
  check: (record: Buffer) => unknown = () => {},
): Promise<ReadDocument> {
  const { head, batches } = await openRecords(stream(pieces), kinds[name])
  const records: string[] = []
  let batch = await batches.next()
  for (; batch.done !== true; batch = await batches.next()) {
    for (const record of batch.value) check(record)
    records.push(...batch.value.map(String))
  }
  return { records, packages: head.packages, isPlain: batch.value }
}

async function* stream(pieces: Iterable<string | Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for (const piece of pieces) yield Buffer.from(piece)
}

/** A document as it is written: its head, these records each on a line, its end. */
export function written(records: readonly string[], name: DocumentName = 'primary'): string {
  return [header(name, records.length), ...records.map((record) => `${record}\n`), footer(name)].join('')
}

/** A record of primary with what makes cutting hard. */
export function packageRecord(name: string): string {
  return `<package type="rpm">
  <name>${name}</name>
  <arch>x86_64</arch>
  <version epoch="0" ver="5.1.8" rel="9.el9"/>
  <checksum type="sha256" pkgid="YES">${'0'.repeat(64)}</checksum>
  <summary>The GNU &lt;Bourne&gt; "Again" ]] shell! &lt;/package&gt;?</summary>
  <description>Ünïcode &amp; more.
</description>
  <packager>A &lt;a@example.com&gt;</packager>
  <size package="1" installed="2" archive="3"/>
  <location href='Packages/${name}.rpm'/>
  <format>
    <rpm:license/>
    <rpm:provides><rpm:entry name="${name}" flags="EQ" epoch="0" ver="5" rel="9"/></rpm:provides>
    <file type="dir">/usr/share/>package</file>
  </format>
</package>`
}

/** A record with little but what otherwise hides its end. */
export function shortRecord(name: string): string {
  return `<package type="rpm">\n  <name>${name}</name>\n  <arch/>\n  <packager>P</packager><summary>&lt;!-- ?></summary>\n</package>`
}
