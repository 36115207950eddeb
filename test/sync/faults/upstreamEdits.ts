import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sha256 } from './listing.ts'

const repomdOf = (dir: string) => join(dir, 'repodata/repomd.xml')

/** Changes the text of an upstream's repomd.xml; a change that changes nothing is a mistake of the test. */
export async function editRepomd(dir: string, change: (text: string) => string | Buffer): Promise<void> {
  const before = await readFile(repomdOf(dir), 'utf8')
  const after = change(before)
  if (after === before) throw new Error('the change does not change repomd.xml')
  await writeFile(repomdOf(dir), after)
}

/** Changes a gzipped document and lets repomd.xml tell the truth about it, so that only its content is wrong. */
export async function editDocument(
  dir: string,
  type: string,
  change: (text: string) => string | Buffer,
): Promise<void> {
  const { text, href } = await record(dir, type)
  const before = gunzipSync(await readFile(join(dir, href))).toString()
  const after = change(before)
  if (after === before) throw new Error(`the change does not change ${type}`)
  if (text === '') throw new Error(`no ${type} in repomd.xml`)
  await storeDocument(dir, type, { bytes: gzipSync(after), open: Buffer.from(after) })
}

/** Puts any bytes in place of a document, with their right size and checksum; `open` is what repomd.xml says is in them. */
export async function storeDocument(
  dir: string,
  type: string,
  { bytes, open, suffix = '.gz' }: { bytes: Buffer; open?: Buffer; suffix?: string },
): Promise<void> {
  const { text, href } = await record(dir, type)
  const stored = `repodata/${sha256(bytes)}-${type}.xml${suffix}`
  await rm(join(dir, href))
  await writeFile(join(dir, stored), bytes)
  const told = text
    .replace(/<checksum type="sha256">\w+/, `<checksum type="sha256">${sha256(bytes)}`)
    .replace(/<size>\d+/, `<size>${bytes.length}`)
    .replace(href, stored)
    .replace(/ *<open-checksum.*\n/, open ? `<open-checksum type="sha256">${sha256(open)}</open-checksum>\n` : '')
    .replace(/ *<open-size.*\n/, open ? `<open-size>${open.length}</open-size>\n` : '')
  await editRepomd(dir, (repomd) => repomd.replace(text, told))
}

/** A record of repomd.xml as its text, and the file that it names. */
async function record(dir: string, type: string): Promise<{ text: string; href: string }> {
  const repomd = await readFile(repomdOf(dir), 'utf8')
  const text = repomd.match(new RegExp(`<data type="${type}">.*?</data>`, 's'))?.[0] ?? ''
  return { text, href: /href="([^"]+)"/.exec(text)?.[1] ?? '' }
}

/** Where an upstream's document is, below its folder. */
export async function documentHref(dir: string, type: string): Promise<string> {
  return (await record(dir, type)).href
}
