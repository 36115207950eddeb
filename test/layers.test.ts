import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTemporaryFolder } from './helpers/temporary.ts'
import { circles, type Imports, placeless, readImports, wrongWays } from './layers.ts'

describe('src', () => {
  const imports = readImports(join(import.meta.dirname, '../src'))

  test('is read whole: main, its verbs and what they stand on', () => {
    expect(imports.get('main.ts')).toEqual([
      'errors.ts',
      'journal.ts',
      'store/hashing/thread.ts',
      'createrepo/read/thread.ts',
      'jobs/worker.ts',
      'cli/program.ts',
    ])
    expect(imports.size).toBeGreaterThan(100)
  })

  test('every file belongs to a layer', () => {
    expect(placeless(imports)).toEqual([])
  })

  test('no import goes up or to a module beside its own', () => {
    expect(wrongWays(imports)).toEqual([])
  })

  test('there is no circle of imports', () => {
    expect(circles(imports)).toEqual([])
  })
})

describe('a made-up folder', () => {
  test('an import upwards is found, of a type or at run time too', async () => {
    const imports = await importsOf({
      'store/pool.ts': "import type { Plan } from '../sync/plan.ts'",
      'store/lock.ts': "const { sync } = await import('../sync/plan.ts')",
      'errors.ts': "export { pool } from './store/pool.ts'",
      'sync/plan.ts': '',
    })
    expect(wrongWays(imports)).toEqual([
      'errors.ts imports store/pool.ts',
      'store/lock.ts imports sync/plan.ts',
      'store/pool.ts imports sync/plan.ts',
    ])
  })

  test('an import to a module beside is found, one within a module or down is not', async () => {
    const imports = await importsOf({
      'serve/a.ts': "import { b } from './b.ts'\nimport { due } from '../schedule/due.ts'",
      'serve/b.ts': "import { one,\n  two } from '../store/c.ts'",
      'schedule/due.ts': "import '../serve/b.ts'",
      'store/c.ts': "import { digest } from '../digest.ts'",
      'digest.ts': "import { codes } from './errors.ts'",
      'errors.ts': '',
    })
    expect(wrongWays(imports)).toEqual(['schedule/due.ts imports serve/b.ts', 'serve/a.ts imports schedule/due.ts'])
  })

  test('a circle is found however long it is', async () => {
    const imports = await importsOf({
      'sync/a.ts': "import { b } from './b.ts'",
      'sync/b.ts': "import { c } from './c.ts'\nimport { d } from './d.ts'",
      'sync/c.ts': "import type { A } from './a.ts'",
      'sync/d.ts': "import { d } from './d.ts'",
    })
    expect(circles(imports)).toEqual(['sync/a.ts -> sync/b.ts -> sync/c.ts -> sync/a.ts', 'sync/d.ts -> sync/d.ts'])
  })

  test('a file of no layer is found, and nothing may import it', async () => {
    const imports = await importsOf({ 'cli/a.ts': "import { pad } from '../utils/pad.ts'", 'utils/pad.ts': '' })
    expect([placeless(imports), wrongWays(imports)]).toEqual([['utils/pad.ts'], ['cli/a.ts imports utils/pad.ts']])
  })
})

async function importsOf(files: Record<string, string>): Promise<Imports> {
  await using folder = await makeTemporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true })
    await writeFile(join(folder.path, name), text)
  }
  return readImports(folder.path)
}
