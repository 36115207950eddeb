import { formatNevra } from '../../rpm/nevra.ts'
import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'

/** A `<package>` of an `<update>`: its NEVRA without an epoch of 0, where the attributes tell it, and its file's name. */
export type UpdatePackage = { nevra: string | undefined; filename: string | undefined }

type Range = { start: number; end: number }
type Collection = Range & { packages: (Range & UpdatePackage)[] }

/**
 * An `<update>` with those packages alone that stay, and without collections that have none left; undefined where none
 * is left at all, the same bytes where all stay. Packages lie in `<pkglist><collection>` (createrepo_c,
 * src/xml_parser_updateinfo.c).
 */
export function keepPackages(update: Buffer, stays: (pkg: UpdatePackage) => boolean): Buffer | undefined {
  const gone: Range[] = []
  let left = 0
  for (const { start, end, packages } of collectionsOf(update)) {
    const staying = packages.filter(stays).length
    left += staying
    if (staying === 0) gone.push({ start, end })
    else if (staying < packages.length) gone.push(...packages.filter((pkg) => !stays(pkg)))
  }
  if (left === 0) return undefined
  return gone.length === 0 ? update : without(update, gone)
}

/** Cuts ranges out, each with the white space before it. */
function without(bytes: Buffer, gone: readonly Range[]): Buffer {
  const kept: Buffer[] = []
  let from = 0
  for (const { start, end } of gone) {
    let stop = start
    while ((bytes[stop - 1] as number) <= 0x20) stop--
    kept.push(bytes.subarray(from, stop))
    from = end
  }
  return Buffer.concat([...kept, bytes.subarray(from)])
}

const filenameDepth = 4

/** The collections of an `<update>`, with their packages. */
export function collectionsOf(update: Buffer): Collection[] {
  const collections: Collection[] = []
  const visit = (tag: StartTag, depth: number) => {
    const collection = collections.at(-1)
    if (depth === 2 && isNamed(tag, 'collection')) collections.push({ ...rangeOf(tag, '</collection'), packages: [] })
    if (collection === undefined || tag.end > collection.end) return
    if (depth === 3 && isNamed(tag, 'package'))
      collection.packages.push({ ...rangeOf(tag, '</package'), nevra: nevraOf(tag), filename: undefined })
    const pkg = collection.packages.at(-1)
    if (depth === filenameDepth && pkg !== undefined && isNamed(tag, 'filename')) pkg.filename = textAfter(tag).trim()
  }
  scanElement(masked(update), visit, filenameDepth)
  return collections
}

/** From the tag to the end of its element, which none of its name is within. */
function rangeOf({ bytes, nameStart, end }: StartTag, endTag: string): Range {
  const isClosed = bytes[end - 2] === 0x2f
  return { start: nameStart - 1, end: isClosed ? end : bytes.indexOf('>', bytes.indexOf(endTag, end)) + 1 }
}

function nevraOf(tag: StartTag): string | undefined {
  const [name, version, release, arch] = ['name', 'version', 'release', 'arch'].map((key) => attribute(tag, key))
  if (name === undefined || version === undefined || release === undefined || arch === undefined) return undefined
  return formatNevra({ name, epoch: attribute(tag, 'epoch') || '0', version, release, arch })
}

/** A path's last part: advisories name some files with folders, some without. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Comments and CDATA sections blanked out, so that what is left stands where it stood. */
export function masked(update: Buffer): Buffer {
  if (!update.includes('<!')) return update
  const text = update
    .toString('latin1')
    .replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, (found) => ' '.repeat(found.length))
  return Buffer.from(text, 'latin1')
}
