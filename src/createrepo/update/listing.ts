import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../../errors.ts'
import type { CreaterepoOptions } from '../options.ts'
import type { Found } from '../walk.ts'

/** What the records are made like; another number makes every remembered listing worthless. */
const writerFormat = 1

/**
 * A digest of everything that the metadata is made of: the options, and path, size and time of every file. It is kept
 * beside repomd.xml with that one's own digest, so that an update that finds nothing changed need not read the metadata.
 */
export function listingOf({ packages, modules }: Found, options: CreaterepoOptions): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([writerFormat, { ...options, output: undefined, workers: undefined }]))
  const attached = options.attached?.map(({ file }) => file) ?? []
  const group = options.groupFile === undefined ? [] : [options.groupFile]
  const files = [...packages.map(({ file }) => file), ...modules, ...attached, ...group]
  // A call for each file would take as long as to look at it.
  for (let from = 0; from < files.length; from += 1000)
    hash.update(files.slice(from, from + 1000).reduce((text, file) => `${text}\n${file}\0${statOf(file)}`, ''))
  return hash.digest('hex')
}

/** What `statOf` says of a file that is not there. */
export const gone = 'gone'

/** What tells whether a file was changed. */
export function statOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? gone : `${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`
}

/** Whether the metadata in a folder was made of just that listing, and its files are as they were then. */
export function isMadeOf(listing: string, folder: string): boolean {
  const [head, ...files] = readIfThere(listingFile(folder))?.toString().split('\n') ?? []
  const expected = headOf(listing, folder)
  return expected !== undefined && head === expected && files.every((line) => lineOf(nameIn(line), folder) === line)
}

/** Remembers what the metadata was made of, and the files (below the folder) that it consists of. */
export function rememberListing(listing: string, files: readonly string[], folder: string): void {
  const file = listingFile(folder)
  const text = [headOf(listing, folder), ...files.map((name) => lineOf(name, folder))].join('\n')
  if (readIfThere(file)?.toString() === text) return
  try {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  } catch (error) {
    // Without it the next update takes longer; what this one made is published.
    if (!isSystemError(error)) throw error
    rmSync(`${file}.new`, { force: true })
  }
}

/** A metadata file by its name below the folder, and what it looks like. */
function lineOf(name: string, folder: string): string {
  return `${name}\t${statOf(join(folder, name))}`
}

function nameIn(line: string): string {
  return line.slice(0, line.lastIndexOf('\t'))
}

function listingFile(folder: string): string {
  return join(folder, 'repodata/.listing')
}

/** Ties a listing to the repomd.xml that is there; undefined where none is. */
function headOf(listing: string, folder: string): string | undefined {
  const repomd = readIfThere(join(folder, 'repodata/repomd.xml'))
  return repomd && `${createHash('sha256').update(repomd).digest('hex')} ${listing}`
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}
