import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { listSnapshots } from '../../src/lifecycle/snapshots.ts'
import { recover } from '../../src/publish/recover.ts'
import { findRepo } from '../../src/store/generations.ts'
import { recordRun } from '../../src/store/runs.ts'
import { openLifecycle } from './lifecycle.ts'

const alpha = [{ name: 'alpha' }]
const beta = [{ name: 'beta' }]

describe('a snapshot', () => {
  test('keeps what several repositories showed, as links, whatever they show later', async () => {
    await using life = await openLifecycle(['one', 'two'], { defaults: { retain: 0 } })
    await life.publish('one', alpha)
    await life.publish('two', beta)
    const frozen = await life.check('one/os')
    const made = await life.operate('snapshot-create', { name: 'monday' })
    expect(made).toMatchObject({
      name: 'monday',
      left: [],
      repos: [
        { repo: 'one', path: 'snapshots/monday/one/os', source: 'one/os', sourceGeneration: 1, packages: 1 },
        { repo: 'two', path: 'snapshots/monday/two/os' },
      ],
    })
    await life.publish('one', [{ name: 'alpha', version: '2' }])
    await life.operate('gc', {})
    expect(await life.check('snapshots/monday/one/os')).toEqual(frozen)
    expect((await life.check('snapshots/monday/two/os')).nevras).toEqual(['beta-0:1.0-1.x86_64'])
    const href = 'Packages/a/alpha-1.0-1.x86_64.rpm'
    expect(existsSync(life.at(`one/os/${href}`))).toBe(false)
    expect(statSync(life.at(`snapshots/monday/one/os/${href}`)).nlink).toBe(2)
    expect(listSnapshots(life.state.database)).toMatchObject([
      {
        name: 'monday',
        state: 'made',
        by: 'a test',
        repos: [{ path: 'snapshots/monday/one/os', sourceGeneration: 1 }, {}],
      },
    ])
  })

  test('that is dropped is gone, and what only it held goes with the next sweep', async () => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', alpha)
    await life.operate('snapshot-create', { name: 'x' })
    expect(await life.operate('snapshot-drop', { name: 'x' })).toEqual({ name: 'x', repos: 1 })
    expect(readdirSync(life.at('snapshots'))).toEqual([])
    expect([listSnapshots(life.state.database), findRepo(life.state.database, 'snapshots/x/one/os')]).toEqual([
      [],
      undefined,
    ])
    expect((await life.check('one/os')).problems).toEqual([])
    await expect(life.operate('snapshot-drop', { name: 'x' })).rejects.toThrow('there is no snapshot x; there are none')
  })

  test('is made of what there is, and says what is left out', async () => {
    await using life = await openLifecycle(['one', 'two'])
    await expect(life.operate('snapshot-create', { name: 'x' })).rejects.toThrow(
      'nothing is published that could be frozen',
    )
    await life.publish('one', alpha)
    expect(await life.operate('snapshot-create', { name: 'x' })).toMatchObject({
      repos: [{ repo: 'one' }],
      left: ['two'],
    })
  })

  test.each([
    ['../up', `"../up" cannot be a snapshot's name`],
    ['.hidden', `".hidden" cannot be a snapshot's name`],
    ['a/b', `"a/b" cannot be a snapshot's name`],
    ['', `"" cannot be a snapshot's name`],
    ['Taken', 'there is a snapshot taken since'],
  ])('called %j is refused', async (name, message) => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', alpha)
    await life.operate('snapshot-create', { name: 'taken' })
    await expect(life.operate('snapshot-create', { name })).rejects.toThrow(message)
    expect(readdirSync(life.at('snapshots'))).toEqual(['taken'])
  })

  test('that was not shown yet is taken back whole, by a cancel as by the next start', async () => {
    await using life = await openLifecycle(['one', 'two'])
    await life.publish('one', alpha)
    await life.publish('two', beta)
    const stop = new AbortController()
    const { database } = life.state
    // What is asked before each repository aborts at the second.
    let asked = 0
    const signal = Object.assign(stop.signal, {
      throwIfAborted() {
        if (++asked > 2) throw new Error('stopped')
      },
    })
    await expect(life.operate('snapshot-create', { name: 'x' }, signal)).rejects.toThrow('stopped')
    expect([readdirSync(life.at('snapshots')), listSnapshots(database)]).toEqual([[], []])
    database.exec("INSERT INTO snapshot VALUES ('y', 'making', 'a test', 1)")
    recover(life.state)
    expect(listSnapshots(database)).toEqual([])
  })

  test('is not made where a folder has its name: nobody else has what is in it', async () => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', alpha)
    mkdirSync(life.at('snapshots/lost'), { recursive: true })
    writeFileSync(life.at('snapshots/lost/file'), 'of a state that was lost')
    await expect(life.operate('snapshot-create', { name: 'lost' })).rejects.toThrow(
      `${life.at('snapshots/lost')} is there and no snapshot that is known; move it away, or choose another name`,
    )
    expect([readdirSync(life.at('snapshots/lost')), listSnapshots(life.state.database)]).toEqual([['file'], []])
  })

  test('is dropped though something was remembered of what is damaged in it', async () => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', alpha)
    await life.operate('snapshot-create', { name: 'x' })
    const row = findRepo(life.state.database, 'snapshots/x/one/os') as number
    const nothing = { milliseconds: 1, added: 0, removed: 0, bytes: 0 }
    recordRun(life.state.database, row, { at: 1, result: 'failed', message: 'E_DAMAGED', ...nothing })
    await life.operate('snapshot-drop', { name: 'x' })
    expect([readdirSync(life.at('snapshots')), listSnapshots(life.state.database)]).toEqual([[], []])
  })
})
