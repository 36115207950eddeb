import { MirrorError } from '../errors.ts'
import { attribute, type StartTag, textAfter } from '../xml/scan.ts'

/** The element's text; undefined where it is empty, which is how createrepo_c writes what a package does not have. */
export function textOf(tag: StartTag): string | undefined {
  return textAfter(tag) || undefined
}

/**
 * The attribute as a whole number of 64 bits, exact up to 2^53; 0 where it is missing or empty. Times before 1970 are
 * negative. @throws E_XML for anything else
 */
export function numberOf(tag: StartTag, name: string): number {
  const text = attribute(tag, name)
  if (text === undefined || text === '') return 0
  if (!/^-?\d{1,20}$/.test(text))
    throw new MirrorError('E_XML', `${name}=${JSON.stringify(text)}: a whole number is expected`)
  return Number(text)
}
