import { type Layer, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import { publishPath } from './paths.ts'
import type { Substitute } from './substitute.ts'

/** The path by which archives name a repository; undefined where it has an upstream. `path` is its own. */
export function archiveOf(own: Layer, path: string, substitute: Substitute, mistakes: Mistakes): string | undefined {
  const tree = own.tree.within.get('archive')
  if (tree === undefined || own.keys.archive === undefined) return undefined
  const other = ['baseurl', 'mirrorlist', 'metalink', 'merge', 'local'].find((key) => own.tree.within.has(key))
  if (other !== undefined)
    mistakes.add(tree.keyPlace, `${own.label}: archive and ${other} exclude each other`, 'leave one out')
  const item = written(own, 'archive', own.keys.archive)
  const text = substitute(item)
  if (text === undefined) return undefined
  if (/^(yes|true|on|1)$/i.test(text)) return path
  const result = publishPath(text)
  if ('path' in result) return result.path
  mistakes.about(item, `${quoted(text)} ${result.wrong}`, 'write yes, or a path such as centos/9')
}
