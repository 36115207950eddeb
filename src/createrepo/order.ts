import type { PackagePath } from './walk.ts'

/** The records' order: that of the bytes of file names, then of folders (createrepo_c, src/createrepo_c.c 116-130). */
export function inOrder(packages: readonly PackagePath[]): PackagePath[] {
  const keyed = packages.map((item) => {
    const slash = item.path.lastIndexOf('/')
    return { item, name: asBytes(item.path.slice(slash + 1)), folder: asBytes(item.path.slice(0, Math.max(slash, 0))) }
  })
  keyed.sort((a, b) => compare(a.name, b.name) || compare(a.folder, b.folder))
  return keyed.map(({ item }) => item)
}

/** A text of which each character is one byte, so that it sorts as the bytes do. */
function asBytes(text: string): string {
  return /[^\u0000-\u007f]/.test(text) ? Buffer.from(text).toString('latin1') : text
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
