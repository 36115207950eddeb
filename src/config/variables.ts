import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostBasearch } from '../arch.ts'
import { isSystemError } from '../errors.ts'
import { type Block, blockIn, type Written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { RepoKeys } from './schema.ts'
import { label, part } from './tree.ts'

/** dnf's variables, by name. */
export type Variables = ReadonlyMap<string, string>

/**
 * Layers of variables on top of each other, the last one strongest. A layer that sets `releasever` sets
 * `releasever_major` and `releasever_minor` with it, and `basearch` sets `arch`, unless it sets them itself.
 */
export function layered(...layers: readonly Iterable<readonly [string, string]>[]): Variables {
  const all = new Map<string, string>()
  for (const layer of layers) {
    const own = new Map(layer)
    derive(own, all)
    for (const [name, value] of own) all.set(name, value)
  }
  return all
}

/** dnf5 cuts releasever at its first dot; without one there is no minor. */
function derive(own: ReadonlyMap<string, string>, all: Map<string, string>): void {
  const releasever = own.get('releasever')
  if (releasever !== undefined) {
    const [, major, minor] = /^([^.]*)\.?(.*)$/s.exec(releasever) as RegExpExecArray
    setOrDelete(all, 'releasever_major', major)
    setOrDelete(all, 'releasever_minor', minor)
  }
  const basearch = own.get('basearch')
  if (basearch !== undefined) all.set('arch', bestArch[basearch] ?? basearch)
}

/** dnf's `$arch` where it differs from `$basearch` on the usual machine. */
const bestArch: Record<string, string> = { i386: 'i686', armhfp: 'armv7hl' }

function setOrDelete(all: Map<string, string>, name: string, value: string | undefined): void {
  if (value) all.set(name, value)
  else all.delete(name)
}

/** The host's `basearch` and `arch`, then the first line of each file in dnf's folders, under the file's name. */
export async function hostVariables(folders: readonly string[], basearch = hostBasearch()): Promise<Variables> {
  const layers: Iterable<readonly [string, string]>[] = [[['basearch', basearch]]]
  for (const folder of folders) layers.push(await readFolder(folder))
  return layered(...layers)
}

async function readFolder(folder: string): Promise<(readonly [string, string])[]> {
  const names = (await unlessMissing(readdir(folder))) ?? []
  const variables: (readonly [string, string])[] = []
  for (const name of names.filter((name) => isVariable(name)).sort()) {
    const text = await unlessMissing(readFile(join(folder, name), 'utf8'))
    if (text !== undefined) variables.push([name, /^[^\r\n]*/.exec(text)![0]])
  }
  return variables
}

/** dnf passes over what it cannot read, too. */
async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

/** A name that a variable of the configuration can have. */
export function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

/** The variables of a block's `vars:`, after saying which of them cannot be used. */
export function checkedVars(block: Block<{ vars?: RepoKeys['vars'] }>, mistakes: Mistakes): [string, string][] {
  const { tree, label: called } = blockIn(block, ['vars'], block.keys.vars)
  const vars = Object.entries(block.keys.vars ?? {})
  for (const [name, value] of vars) {
    checkVariable({ value: name, place: part(tree, name).keyPlace, called: label(called, name) }, [value], mistakes)
  }
  return vars
}

/** Says why a variable of `vars:` or `matrix:` cannot be used. */
export function checkVariable(name: Written<string>, values: readonly string[], mistakes: Mistakes): void {
  if (!isVariable(name.value)) {
    const write = 'use letters, digits and _, and begin with a letter'
    mistakes.about(name, `${quoted(name.value)} cannot be a variable`, write)
  }
  const nested = values.find((value) => value.includes('$'))
  if (nested === undefined) return
  mistakes.about(name, `${quoted(nested)} has a $, and values are not substituted again`, 'write the value out')
}
