import type { Header } from '../../rpm/header.ts'
import { tag } from '../../rpm/tags.ts'
import type { Listed } from './listed.ts'

const equal = 1 << 3

/**
 * The provides of a binary package from before rpm 4, which need not provide itself: rpm adds that, and versions where
 * the header has none (lib/headerutil.c, providePackageNVR).
 */
export function withOwnProvide(main: Header, isSource: boolean, provides: Listed[]): Listed[] {
  const name = main.string(tag.name)
  if (isSource || name === undefined) return provides
  const epoch = main.number(tag.epoch)
  const version = `${epoch === undefined ? '' : `${epoch}:`}${main.string(tag.version)}-${main.string(tag.release)}`
  const unversioned = main.has(tag.provideVersion)
    ? provides
    : (main.strings(tag.provideName) ?? []).map((each) => ({ name: each, flags: 0, version: '' }))
  const isThere = unversioned.some(
    (each) => each.name === name && each.version === version && (each.flags & 0xf) === equal,
  )
  return isThere ? unversioned : [...unversioned, { name, flags: equal, version }]
}
