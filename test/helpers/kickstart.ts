import { createHash } from 'node:crypto'
import { replaceFile } from './repository/files.ts'

/** The files of a kickstart tree by their paths, with their texts. */
export type TreeFiles = Record<string, string>

export interface KickstartOptions {
  /** Beside what the images come to, as whole lines: other sections, or other checksums. */
  lines?: string[]
  /** Images that the treeinfo states no checksum of. */
  unstated?: string[]
  /** Paths that the treeinfo names besides the files. */
  named?: string[]
  /** Default .treeinfo. */
  name?: string
}

/** Images of some kB, as a tree of Fedora or CentOS has them. */
export const images: TreeFiles = {
  'images/pxeboot/vmlinuz': 'kernel '.repeat(1000),
  'images/pxeboot/initrd.img': 'initrd '.repeat(2000),
  'images/install.img': 'stage2 '.repeat(3000),
  'images/boot.iso': 'boot '.repeat(500),
}

/** Writes a tree into a folder as compose tools do: its images and then a treeinfo in productmd's form, version 1.2. */
export async function makeKickstart(dir: string, files: TreeFiles, options: KickstartOptions = {}): Promise<void> {
  for (const [path, text] of Object.entries(files)) await replaceFile(dir, path, Buffer.from(text))
  await replaceFile(dir, options.name ?? '.treeinfo', Buffer.from(treeinfo(files, options)))
}

function treeinfo(files: TreeFiles, { lines = [], unstated = [], named = [] }: KickstartOptions): string {
  const paths = Object.keys(files).filter((path) => path.startsWith('images/'))
  const stated = paths.filter((path) => !unstated.includes(path))
  const inTree = [...paths, ...named]
  const stage2 = inTree.find((path) => path.endsWith('install.img'))
  const platform = inTree.filter((path) => path !== stage2)
  return [
    '[checksums]',
    ...stated.map((path) => `${path} = sha256:${sha256(files[path] as string)}`),
    `repodata/repomd.xml = sha256:${'0'.repeat(64)}`,
    '',
    '[header]\ntype = productmd.treeinfo\nversion = 1.2\n',
    '[release]\nname = Test\nshort = T\nversion = 9\n',
    '[tree]\narch = x86_64\nbuild_timestamp = 1700000000\nplatforms = x86_64\nvariants = BaseOS\n',
    '[images-x86_64]',
    ...platform.map((path) => `${path.slice(path.lastIndexOf('/') + 1)} = ${path}`),
    '',
    ...(stage2 === undefined ? [] : [`[stage2]\nmainimage = ${stage2}\n`]),
    '[variant-BaseOS]\nid = BaseOS\nname = BaseOS\npackages = Packages\nrepository = .\ntype = variant\nuid = BaseOS\n',
    ...lines,
    '',
  ].join('\n')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
