import { expect, test } from 'vitest'
import { checkWrites, writesOf } from '../../src/jobs/carryOut.ts'
import { openLifecycle } from '../lifecycle/lifecycle.ts'

test('what waited while the configuration was read again does not write where others may', async () => {
  await using life = await openLifecycle(['one', 'two'], { channels: { dev: { repos: ['one'] } } })
  const asking = { name: 'promote', arguments: { to: 'dev' }, by: 'a test' }
  const writes = writesOf(await life.config(), asking)
  expect(writes).toEqual(['dev/one/os'])
  checkWrites(await life.config(), asking, writes)
  await life.configure({ channels: ['dev'] })
  const config = await life.config()
  expect(() => checkWrites(config, asking, writes)).toThrow(
    expect.objectContaining({ code: 'E_BUSY', message: expect.stringContaining('the configuration was read again') }),
  )
  checkWrites(config, asking, 'all')
})
