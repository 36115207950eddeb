import { MirrorError } from '../errors.ts'
import type { Header } from './header.ts'
import type { Nevra } from './nevra.ts'
import { tag } from './tags.ts'

/**
 * What a package is called, as its main header has it; the arch of a source package is `src`.
 * @throws E_RPM where it has no name, version, release or arch
 */
export function nevraOf(main: Header): Nevra {
  return {
    name: required(main, 'name'),
    epoch: String(main.number(tag.epoch) ?? 0),
    version: required(main, 'version'),
    release: required(main, 'release'),
    arch: isSource(main) ? 'src' : required(main, 'arch'),
  }
}

function required(main: Header, name: 'name' | 'version' | 'release' | 'arch'): string {
  const text = main.string(tag[name])
  if (text === undefined || text === '') throw new MirrorError('E_RPM', `it has no ${name}`)
  return text
}

/** A source package says so; an old one that has neither tag is known by files that have no directory. */
export function isSource(main: Header): boolean {
  if (main.has(tag.sourcePackage)) return main.number(tag.sourcePackage) !== 0
  if (main.has(tag.sourceRpm)) return false
  const directories = main.strings(tag.dirNames)
  const [first] = main.strings(tag.oldFileNames) ?? []
  return directories === undefined
    ? first !== undefined && !first.startsWith('/')
    : directories.length === 1 && directories[0] === ''
}
