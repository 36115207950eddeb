import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { type Lifecycle, openLifecycle } from '../lifecycle/lifecycle.ts'
import { type Dnf, dnfIn, nevras } from './clients.ts'

let life: Lifecycle
let dnf: Dnf

beforeAll(async () => {
  life = await openLifecycle(['one'], { channels: ['dev'] })
  dnf = dnfIn(life.site.dir)
  await life.publish('one', [{ name: 'alpha' }, { name: 'beta' }])
  await life.operate('snapshot-create', { name: 'first' })
  await life.publish('one', [{ name: 'alpha', version: '2' }])
  await life.operate('promote', { to: 'dev' })
  await life.publish('one', [{ name: 'alpha', version: '3' }])
})
afterAll(() => life[Symbol.asyncDispose]())

describe.skipIf(!judge('dnf'))('dnf', () => {
  const url = (path: string) => `file://${join(life.site.root, path)}`

  test('reads a snapshot, a channel, and the channel again after a rollback', async () => {
    expect(await nevras(dnf, url('snapshots/first/one/os'))).toEqual(['alpha-0:1.0-1.x86_64', 'beta-0:1.0-1.x86_64'])
    expect(await nevras(dnf, url('dev/one/os'))).toEqual(['alpha-0:2-1.x86_64'])
    await life.operate('promote', { to: 'dev' })
    expect(await nevras(dnf, url('dev/one/os'))).toEqual(['alpha-0:3-1.x86_64'])
    await life.operate('rollback', { repo: 'one', channel: 'dev' })
    expect(await nevras(dnf, url('dev/one/os'))).toEqual(['alpha-0:2-1.x86_64'])
  })
})
