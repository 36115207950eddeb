import { inspect } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { packSecrets, Secret, unpackSecrets } from '../../src/config/secret.ts'

const secret = new Secret('canary')

describe('a secret', () => {
  test.each<[string, () => string]>([
    ['as text', () => String(secret)],
    ['as JSON', () => JSON.stringify({ deep: [secret] })],
    ['inspected', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['listed', () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['cloned', () => inspect(structuredClone({ secret }))],
    ['sent to another process by mistake', () => serialize({ secret }).toString('latin1')],
  ])('is not there %s', (_, show) => {
    expect(show()).not.toContain('canary')
  })

  test('is told to whoever asks', () => {
    expect(secret.reveal()).toBe('canary')
  })
})

test('an order with secrets comes to another process whole, and so do its bytes and maps', () => {
  const order = { repo: { a: [{ secret }], b: undefined, c: 1 }, bytes: Buffer.from('x'), retain: new Map([['p', 2]]) }
  const arrived = unpackSecrets(deserialize(serialize(packSecrets(order))) as typeof order)
  expect(arrived.repo.a[0]?.secret).toBeInstanceOf(Secret)
  expect(arrived.repo.a[0]?.secret.reveal()).toBe('canary')
  expect(arrived).toMatchObject({ repo: { c: 1 }, retain: new Map([['p', 2]]) })
  expect(Buffer.from(arrived.bytes).toString()).toBe('x')
})
