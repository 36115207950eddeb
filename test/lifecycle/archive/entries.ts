import { createHash } from 'node:crypto'

/** An entry of a tar, written and read without the program's own code. `type`, `link`: as in its header. */
export type Entry = { name: string; data: Buffer; type?: string; link?: string; size?: number }

/** Takes an archive apart. */
export function readEntries(bytes: Buffer): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString('latin1', at, bytes.indexOf(0, at))
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8)
    entries.push({ name, data: bytes.subarray(at + 512, at + 512 + size) })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return entries
}

/** Puts entries together again. */
export function writeEntries(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(writeEntry), Buffer.alloc(1024)])
}

function writeEntry({ name, data, type = '0', link = '', size = data.length }: Entry): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write('0000644\u00000000000\u00000000000\u0000', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\u000000000000000\u0000        `, 124)
  header.write(type, 156)
  header.write(link, 157, 100)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148)
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

type File = { path: string; sha256: string; size: number }

/** What a manifest says, right or wrong. */
export type Stated = {
  format: string
  version: number
  more?: number
  state: string
  repos: { path: string; name: string; generation: { repomd: string; repomdSize: number }; members: File[] }[]
  contents: { sha256: string; size: number }[]
}

/** The manifest of an archive that was taken apart. */
export function manifestOf([manifest]: readonly Entry[]): Stated {
  return JSON.parse(String(manifest?.data)) as Stated
}

/** Changes the manifest, and says so in its digest: as somebody would who means it. */
export function withManifest(entries: readonly Entry[], change: (manifest: Stated) => void): Entry[] {
  const manifest = manifestOf(entries)
  change(manifest)
  return withText(entries, JSON.stringify(manifest))
}

/** Puts other bytes in the place of the manifest, with their digest. */
export function withText(entries: readonly Entry[], text: string): Entry[] {
  const data = Buffer.from(text)
  const line = `${createHash('sha256').update(data).digest('hex')}  manifest.json\n`
  const [, , ...contents] = entries
  return [{ name: 'manifest.json', data }, { name: 'manifest.json.sha256', data: Buffer.from(line) }, ...contents]
}
