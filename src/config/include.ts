import { glob } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Around, Entry } from './entry.ts'
import { type Block, blockIn, type Written, writtenItems } from './layers.ts'
import { matrixOf } from './matrix.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import { readRepoFile } from './repofile.ts'
import type { IncludeKeys } from './schema.ts'
import { substituting } from './substitute.ts'
import { readText, type Source } from './text.ts'
import { checkedVars, layered } from './variables.ts'

/** The repositories of the .repo files of one include; its variables, defaults and matrix hold for each of them. */
export async function includedEntries(include: Block<IncludeKeys>, around: Around): Promise<Entry[]> {
  const { mistakes } = around
  const defaults = [blockIn(include, ['defaults'], include.keys.defaults), ...around.defaults]
  const variables = layered(around.variables, checkedVars(include, mistakes))
  const matrix = matrixOf(include, mistakes)
  const entries: Entry[] = []
  for (const source of await sourcesOf(include, around)) {
    const text = await readText(source, mistakes)
    const sections = text === undefined ? [] : readRepoFile(text, source.file, mistakes)
    entries.push(...sections.map(({ id, ...own }) => ({ id, own, defaults, variables, matrix })))
  }
  return entries
}

/** The files that an include names, each once. */
async function sourcesOf(include: Block<IncludeKeys>, { variables, mistakes }: Around): Promise<Source[]> {
  if (!include.tree.within.has('files')) {
    mistakes.add(include.tree.place, `${include.label}: files is missing`, 'write files: [/etc/yum.repos.d/*.repo]')
  }
  const sources = new Map<string, Source>()
  const substitute = substituting(variables, mistakes)
  for (const item of writtenItems(include, 'files', include.keys.files)) {
    const glob = substitute(item)
    for (const file of glob === undefined ? [] : await matching({ ...item, value: glob }, mistakes)) {
      if (!sources.has(file)) sources.set(file, { file, place: item.place, called: `${item.called}: ${quoted(file)}` })
    }
  }
  return [...sources.values()]
}

/** The files that a path or glob names, sorted; relative ones start at the folder of the file that includes them. */
async function matching({ value, place, called }: Written<string>, mistakes: Mistakes): Promise<string[]> {
  const folder = dirname(place.file)
  if (!/[*?[{]/.test(value)) return [resolve(folder, value)]
  const files: string[] = []
  for await (const file of glob(value, { cwd: folder })) files.push(isAbsolute(file) ? file : join(folder, file))
  if (files.length === 0) mistakes.warn(place, `${called}: no file matches ${quoted(value)}`)
  return files.sort()
}
