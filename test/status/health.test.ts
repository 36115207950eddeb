import { expect, test } from 'vitest'
import { healthz, readyz } from '../../src/status/health.ts'
import { makeHistory } from './history.ts'

test('healthz says that the program answers', () => {
  expect(healthz()).toEqual({ status: 200, text: 'ok\n' })
})

test('readyz names what is not published yet, and takes what failed since', async () => {
  await using history = await makeHistory({ one: {}, two: {}, three: {} })
  history.published('one')
  history.ran('one', { result: 'failed', message: 'E_HTTP one: no' })
  expect(readyz(history.report())).toEqual({ status: 503, text: 'not ready: nothing is published yet of two, three\n' })
  history.published('two')
  history.published('three')
  expect(readyz(history.report())).toEqual({ status: 200, text: 'ready\n' })
})
