import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findExternal } from '../../src/cli/external.ts'
import { runMirror } from '../helpers/mirror.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

test('mirror-NAME on PATH is the command NAME: its arguments, configuration and exit status are its own', async () => {
  await using folder = await makeTemporaryFolder()
  writeFileSync(`${folder.path}/mirror-hello`, '#!/bin/sh\nprintf "%s|" "$MIRROR_CONFIG" "$@"\nexit 7\n', {
    mode: 0o755,
  })
  const env = { PATH: `${folder.path}:${process.env.PATH}` }
  const { status, stdout } = await runMirror(['-c', '/etc/x.yaml', 'hello', 'one', 'two words', '--flag'], { env })
  expect([status, stdout]).toEqual([7, '/etc/x.yaml|one|two words|--flag|'])
  expect(await runMirror(['--help'], { env })).toMatchObject({ status: 0, stderr: '' })
  expect(await runMirror(['hallo'], { env })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^E_USAGE: unknown command/),
  })
})

test('a name that is a path, a folder or no program is none', async () => {
  await using folder = await makeTemporaryFolder()
  writeFileSync(`${folder.path}/mirror-plain`, '', { mode: 0o644 })
  for (const name of ['../x', 'a/b', '.', '', '-x', 'plain', 'absent'])
    expect(findExternal(name, folder.path)).toBeUndefined()
})
