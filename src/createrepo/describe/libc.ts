import { compareVersions } from '../../rpm/evr.ts'

/**
 * Which of two requirements of the C library asks for more: `libc.so.6()`, then `libc.so.6(GLIBC_2.3.4)(64bit)`, then
 * `libc.so.6(GLIBC_2.4)(64bit)`. Negative: the second (createrepo_c, src/parsehdr.c 115-195).
 */
export function compareLibc(a: string, b: string): number {
  const x = versionOf(a)
  const y = versionOf(b)
  if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined)
  return compareVersions(x, y)
}

/** What stands in the first parentheses from its first digit on; undefined where nothing does. */
function versionOf(requirement: string): string | undefined {
  return /\(([^)]*)\)/.exec(requirement)?.[1]?.match(/\d.*$/)?.[0]
}
