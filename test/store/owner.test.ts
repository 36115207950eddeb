import { chownSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeInstallation } from '../daemon/running.ts'

/** Debian's nobody; any user who is not root will do. */
const other = 65534

test.skipIf(process.getuid?.() !== 0)(
  'root works as the owner of the state, and leaves nothing of its own',
  async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
    const { root, state, dir } = installed.site
    expect((await installed.mirror('sync')).status).toBe(0)
    for (const folder of [root, state])
      for (const path of ['.', ...all(folder)]) chownSync(join(folder, path), other, other)
    chownSync(dir, other, other)
    await installed.offer('one', [{ name: 'beta' }])
    const { status, stderr } = await installed.mirror('sync')
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('E_')])
    const owners = [root, state].flatMap((folder) => all(folder).map((path) => statSync(join(folder, path)).uid))
    expect(owners.length).toBeGreaterThan(260)
    expect(new Set(owners)).toEqual(new Set([other]))
  },
)

function all(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
}
