import { escapeAttribute, escapeText } from '../../xml/escape.ts'
import { fileElement, versionElement } from '../elements.ts'
import { type Dependency, type DependencyKind, dependencyKinds, isPrimaryFile, type Package } from '../package.ts'
import { locationAttributes } from './select.ts'

/** The record of primary for a package: createrepo_c's elements in its order (src/xml_dump_primary.c 62-375). */
export function writePrimary(pkg: Package): string {
  const { pkgid, checksumType, fileTime, buildTime, packageSize, installedSize, archiveSize } = pkg
  const type = checksumType === 'sha1' ? 'sha' : checksumType
  return `<package type="rpm">
  <name>${escapeText(pkg.name)}</name>
  <arch>${escapeText(pkg.arch)}</arch>
  ${versionElement(pkg)}
  <checksum type="${type}" pkgid="YES">${pkgid}</checksum>
  ${textElement('summary', pkg.summary)}
  ${textElement('description', pkg.description)}
  ${textElement('packager', pkg.packager)}
  ${textElement('url', pkg.url)}
  <time file="${fileTime}" build="${buildTime}"/>
  <size package="${packageSize}" installed="${installedSize}" archive="${archiveSize}"/>
  <location${locationAttributes(pkg)}/>
  <format>
    ${textElement('rpm:license', pkg.license)}
    ${textElement('rpm:vendor', pkg.vendor)}
    ${textElement('rpm:group', pkg.group)}
    ${textElement('rpm:buildhost', pkg.buildHost)}
    ${textElement('rpm:sourcerpm', pkg.sourceRpm)}
    <rpm:header-range start="${pkg.headerStart}" end="${pkg.headerEnd}"/>
${dependencyElements(pkg)}${fileElements(pkg)}  </format>
</package>`
}

function textElement(name: string, text: string | undefined): string {
  return text === undefined || text === '' ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`
}

function dependencyElements({ dependencies }: Package): string {
  let text = ''
  for (const kind of dependencyKinds) {
    const list = dependencies[kind]
    if (list.length === 0) continue
    text += `    <rpm:${kind}>\n`
    for (const dependency of list) if (dependency.name !== '') text += entryElement(dependency, kind)
    text += `    </rpm:${kind}>\n`
  }
  return text
}

function entryElement({ name, flags, epoch, version, release, pre }: Dependency, kind: DependencyKind): string {
  let text = `      <rpm:entry name="${escapeAttribute(name)}"`
  if (flags !== undefined) {
    text += ` flags="${flags}"`
    if (epoch !== undefined) text += ` epoch="${escapeAttribute(epoch)}"`
    if (version !== undefined) text += ` ver="${escapeAttribute(version)}"`
    if (release !== undefined) text += ` rel="${escapeAttribute(release)}"`
  }
  return `${text}${pre && kind === 'requires' ? ' pre="1"' : ''}/>\n`
}

function fileElements({ files }: Package): string {
  let text = ''
  for (const file of files) if (isPrimaryFile(file.path)) text += `    ${fileElement(file)}\n`
  return text
}
