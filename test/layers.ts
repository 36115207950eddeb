import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The modules of src/ from the top down; those in one row do not import each other. */
const layers = [
  ['main'],
  ['cli'],
  ['daemon'],
  ['schedule', 'serve', 'status', 'admin'],
  ['jobs'],
  ['sync', 'lifecycle'],
  ['createrepo'],
  ['publish'],
  ['upstream', 'store'],
  ['repodata'],
  ['config', 'rpm', 'xml', 'openpgp'],
]

/** Below all layers: single files, which may import each other. */
const ground = new Set(['amounts', 'errors', 'events', 'html', 'journal', 'log', 'digest', 'arch', 'glob', 'version'])

/** What each file below a folder imports of the files there, by paths relative to it. */
export type Imports = Map<string, string[]>

/** Reads the imports of every TypeScript file below a folder: static ones, of types too, and dynamic ones. */
export function readImports(folder: string): Imports {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return new Map(files.sort().map((file) => [file, importsOf(folder, file)]))
}

const specifier = /(?:\bfrom|\bimport)\s*\(?\s*(['"])(\.{1,2}\/[^'"]+\.ts)\1/g

function importsOf(folder: string, file: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8')
  const found = [...text.matchAll(specifier)].map(([, , path]) => path as string)
  return found.map((path) => relative(folder, resolve(folder, dirname(file), path)))
}

/** Each import that goes up or sideways, in words. */
export function wrongWays(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => !isAllowed(file, other)).map((other) => `${file} imports ${other}`),
  )
}

/** Files in a folder that has no place among the layers. */
export function placeless(imports: Imports): string[] {
  return [...imports.keys()].filter((file) => depthOf(file) === undefined)
}

function isAllowed(file: string, other: string): boolean {
  if (moduleOf(file) === moduleOf(other)) return true
  const [from, to] = [depthOf(file), depthOf(other)]
  if (from === undefined || to === undefined) return false
  return from < to || (from === layers.length && to === layers.length)
}

function depthOf(file: string): number | undefined {
  const name = moduleOf(file)
  if (ground.has(name)) return layers.length
  const depth = layers.findIndex((layer) => layer.includes(name))
  return depth === -1 ? undefined : depth
}

/** `store` for `store/pool.ts`, `errors` for `errors.ts`. */
function moduleOf(file: string): string {
  return file.replace(/(?:\/.*|\.ts)$/, '')
}

/** A circle of imports for each file that closes one, as `a.ts -> b.ts -> a.ts`. */
export function circles(imports: Imports): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file)
    if (at !== -1) found.push([...path.slice(at), file].join(' -> '))
    if (at !== -1 || done.has(file)) return
    for (const other of imports.get(file) ?? []) visit(other, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}
