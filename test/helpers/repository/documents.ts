import { createHash } from 'node:crypto'
import type { RepositoryOptions } from '../repository.ts'
import { withSuffix } from './compression.ts'
import type { Package } from './package.ts'
import type { RecordSpec } from './repomd.ts'
import { documentXml, type Node, node } from './xml.ts'

/** One thing for each of the three documents that list the packages. */
export interface Documents<T> {
  primary: T
  filelists: T
  other: T
}

/** primary, filelists and other as the options want them. */
export function makeDocuments(packages: Package[], options: RepositoryOptions): RecordSpec[] {
  const known = packages.filter(({ name }) => !options.omitFromFilelists?.includes(name))
  const contents: Documents<Node[]> = {
    primary: packages.map(primaryNode),
    filelists: inOrder(known, options.order, 'filelists').map(filelistsNode),
    other: inOrder(packages, options.order, 'other').map(otherNode),
  }
  const types = (['primary', 'filelists', 'other'] as const).filter(
    (type) => !options.omit?.some((name) => name === type),
  )
  return types.map((type) => documentRecord(type, contents[type], options))
}

function documentRecord(type: keyof Documents<unknown>, nodes: Node[], options: RepositoryOptions): RecordSpec {
  const { compression = 'gz', packagesCount, style = 'plain' } = options
  const root = node(rootNames[type], { packages: packagesCount?.[type] ?? nodes.length }, nodes)
  const suffix = typeof compression === 'string' ? compression : (compression[type] ?? 'gz')
  const body = documentXml(root, type === 'primary' ? 'common' : type, style)
  return { type, name: withSuffix(`${type}.xml`, suffix), body }
}

const rootNames: Documents<string> = { primary: 'metadata', filelists: 'filelists', other: 'otherdata' }

function inOrder(packages: Package[], order: RepositoryOptions['order'], salt: string): Package[] {
  if (order === 'reversed') return packages.toReversed()
  return order === 'shuffled'
    ? packages.toSorted((a, b) => (shuffleKey(a, salt) < shuffleKey(b, salt) ? -1 : 1))
    : packages
}

function shuffleKey({ stated }: Package, salt: string): string {
  return createHash('sha256').update(`${salt} ${stated.checksum}`).digest('hex')
}

function primaryNode(item: Package): Node {
  const { stated } = item
  return node('package', { type: 'rpm' }, [
    node('name', {}, item.name),
    node('arch', {}, item.arch),
    versionNode(item),
    node('checksum', { type: item.checksumType, pkgid: 'YES' }, stated.checksum),
    node('summary', {}, item.summary),
    node('description', {}, item.description),
    node('packager', {}, ''),
    node('url', {}, ''),
    node('time', { file: item.buildTime, build: item.buildTime }),
    node('size', { package: stated.size, installed: item.body.length * 2, archive: item.body.length * 2 + 124 }),
    node('location', { 'xml:base': item.xmlBase, href: stated.href }),
    formatNode(item),
  ])
}

function formatNode(item: Package): Node {
  const { name, epoch, version: ver, release: rel, arch } = item
  const source = arch === 'src' ? '' : `${name}-${ver}-${rel}.src.rpm`
  const provides = [node('rpm:entry', { name, flags: 'EQ', epoch, ver, rel }), ...item.provides.map(entryNode)]
  const recommends = item.recommends.map(entryNode)
  const requires = item.requires.map(entryNode)
  return node('format', {}, [
    node('rpm:license', {}, 'MIT'),
    node('rpm:vendor', {}, ''),
    node('rpm:group', {}, 'Unspecified'),
    node('rpm:buildhost', {}, 'localhost'),
    node('rpm:sourcerpm', {}, source),
    node('rpm:header-range', { start: 280, end: Math.max(281, item.body.length >> 1) }),
    node('rpm:provides', {}, provides),
    ...(requires.length > 0 ? [node('rpm:requires', {}, requires)] : []),
    ...(recommends.length > 0 ? [node('rpm:recommends', {}, recommends)] : []),
    ...item.files.filter(isPrimaryFile).map(fileNode),
  ])
}

const relations: Record<string, string> = { '<': 'LT', '<=': 'LE', '=': 'EQ', '>=': 'GE', '>': 'GT' }

/** A capability as spec files have it: `name`, `name >= epoch:version-release`, `(rich or boolean)`. */
function entryNode(text: string): Node {
  const [, name, relation = '', epoch = '0', ver, rel] =
    /^([^( ]\S*) ([<>=]+) (?:(\d+):)?([^-]+)(?:-([^-]+))?$/.exec(text) ?? []
  if (name === undefined) return node('rpm:entry', { name: text })
  return node('rpm:entry', { name, flags: relations[relation], epoch, ver, rel })
}

/** createrepo_c's choice of the files that primary lists too. */
function isPrimaryFile(file: string): boolean {
  return file.startsWith('/etc/') || file === '/usr/lib/sendmail' || file.includes('bin/')
}

function filelistsNode(item: Package): Node {
  return listedNode(item, item.files.map(fileNode))
}

function otherNode(item: Package): Node {
  const author = `A Packager <packager@example.com> - ${item.version}-${item.release}`
  return listedNode(item, [node('changelog', { author, date: item.buildTime }, `- ${item.name} was made`)])
}

function listedNode(item: Package, content: Node[]): Node {
  const { name, arch, stated } = item
  return node('package', { pkgid: stated.checksum, name, arch }, [versionNode(item), ...content])
}

function versionNode({ epoch, version: ver, release: rel }: Package): Node {
  return node('version', { epoch, ver, rel })
}

function fileNode(file: string): Node {
  return file.endsWith('/') ? node('file', { type: 'dir' }, file.slice(0, -1)) : node('file', {}, file)
}
