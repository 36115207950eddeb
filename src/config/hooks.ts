import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { fileSetting } from './files.ts'
import { type Layer, setting, type Written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Repo } from './repo.ts'
import type { Substitute } from './substitute.ts'

/** The programs of a repository that are told of its runs, and as they are written. */
export function hooksOf(
  layers: readonly Layer[],
  substitute: Substitute,
  mistakes: Mistakes,
): { hooks: Repo['hooks']; programs: Written<string>[] } {
  const publish = fileSetting(layers, 'on_publish', substitute, mistakes)
  const failure = fileSetting(layers, 'on_failure', substitute, mistakes)
  const timeoutMs = setting(layers, 'hook_timeout') ?? 60_000
  const programs = [publish, failure].filter((one) => one !== undefined)
  return { hooks: { publish: publish?.value, failure: failure?.value, timeoutMs }, programs }
}

/** Warns of programs that cannot be run: a mirror without them is better than none. */
export async function checkHooks(programs: readonly Written<string>[], mistakes: Mistakes): Promise<void> {
  for (const { value, place, called } of programs) {
    const found = await access(value, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!found) mistakes.warn(place, `${called}: there is no program ${quoted(value)} that can be run`)
  }
}
