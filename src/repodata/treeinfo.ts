import { algorithms, type Digest, hexLengths, parseDigest } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { atPlace, type NamedFile, NamedFiles } from './namedFiles.ts'
import { treePath } from './treePath.ts'

/** A folder where a variant of the tree has packages or metadata, relative to the treeinfo: it may be another tree's. */
export type VariantFolder = { variant: string; key: string; folder: string; line: number }

/** What is taken from a treeinfo: the files of its tree, and where its variants are. */
export type Treeinfo = { files: NamedFile[]; variants: VariantFolder[] }

const maxBytes = 1024 * 1024

type Line = { section: string; key: string; value: string; line: number }

/**
 * Reads a treeinfo, of productmd (doc/treeinfo-1.0.rst to 1.2) or from before it (without [header]; lorax and anaconda
 * wrote those): the files that images-*, stage2 and checksums name, and the folders of variants and addons.
 * @param name what messages call it: `.treeinfo`
 * @throws E_TREEINFO, E_PATH, E_HASH or E_LIMIT naming the line
 */
export function parseTreeinfo(bytes: Buffer, name: string): Treeinfo {
  if (bytes.length > maxBytes) throw new MirrorError('E_LIMIT', `${name}: it is larger than ${maxBytes} bytes`)
  const lines = readLines(bytes.toString('utf8'), name)
  const isOld = !lines.some(({ section }) => section === 'header')
  const files = new NamedFiles()
  const pathOf = (text: string) => treePath(isOld ? withoutRoot(text) : text)
  for (const { section, key, value, line } of lines) {
    const place = `${name}, line ${line}`
    atPlace(place, () => {
      if (section === 'checksums' && !isMetadata(key))
        files.add({ path: pathOf(key), digest: readDigest(value), size: undefined, place })
      else if (isImage(section, key) && value !== '')
        files.add({ path: pathOf(value), digest: undefined, size: undefined, place })
    })
  }
  return { files: files.all, variants: lines.flatMap(variantFolder) }
}

/** Sections and keys as Python's ConfigParser has them, without its continued lines, which other readers take for keys. */
function readLines(text: string, name: string): Line[] {
  const lines: Line[] = []
  const values = new Map<string, string>()
  let section: string | undefined
  for (const [i, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = i + 1
    if (raw.trim() === '' || /^\s*[#;]/.test(raw)) continue
    const opened = /^\[([^\]]+)\]\s*$/.exec(raw)?.[1]
    if (opened !== undefined) {
      section = opened
      continue
    }
    const [, key, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(raw) ?? []
    if (section === undefined || key === undefined || value === undefined)
      throw new MirrorError('E_TREEINFO', `${name}, line ${line}: expected [section] or key = value`)
    const id = `${section}\n${key}`
    if ((values.get(id) ?? value) !== value)
      throw new MirrorError(
        'E_TREEINFO',
        `${name}, line ${line}: ${key} stands twice in [${section}], with other values`,
      )
    values.set(id, value)
    lines.push({ section, key, value, line })
  }
  if (lines.length === 0) throw new MirrorError('E_TREEINFO', `${name}: there is nothing in it`)
  return lines
}

function isImage(section: string, key: string): boolean {
  return section.startsWith('images-') || (section === 'stage2' && (key === 'mainimage' || key === 'instimage'))
}

/** The checksum of upstream's repomd.xml, in this tree or another one: metadata is vouched for by ours. */
function isMetadata(path: string): boolean {
  return /(?:^|\/)repodata\/repomd\.xml$/.test(path)
}

/** Old ones have absolute paths, of the machine that made them: what counts begins behind os/ (productmd reads them so). */
function withoutRoot(path: string): string {
  if (!path.startsWith('/')) return path
  const os = path.indexOf('/os/')
  return os === -1 ? path.replace(/^\/+/, '') : path.slice(os + '/os/'.length)
}

/** `sha256:hex`, or hex alone, whose length tells the algorithm. */
function readDigest(text: string): Digest {
  const [first = '', second] = text.split(':')
  if (second !== undefined) return parseDigest(first, text.slice(first.length + 1))
  return parseDigest(algorithms.find((algorithm) => hexLengths[algorithm] === first.length) ?? 'unknown', first)
}

/** Paths of variants, and of addons in them; general repeats those of the first one. */
function variantFolder({ section, key, value, line }: Line): VariantFolder[] {
  const variant = /^(?:variant|addon)-(.+)$/.exec(section)?.[1]
  if (variant === undefined || value === '' || !/(?:^|_)(?:packages|repository)$/.test(key)) return []
  return [{ variant, key, folder: value.replace(/\/+$/, '').replace(/\/repodata$/, ''), line }]
}
