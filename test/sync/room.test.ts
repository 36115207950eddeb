import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { reserve } from '../../src/store/reservations.ts'
import { makeRepository } from '../helpers/repository.ts'
import { openNewDatabase } from '../store/opened.ts'
import { mirroredSite } from './faults/mirroredSite.ts'

const packages = [
  { name: 'alpha', size: 5000 },
  { name: 'beta', size: 5000 },
]

test.for([
  [
    'max_disk',
    '8k',
    /E_NOSPC repo: .*10\.0 kB is to be fetched, the pool holds [\d.]+ \w+ of max_disk 8\.2 kB; .*nothing was fetched/,
  ],
  [
    'min_free',
    '900000G',
    /E_NOSPC repo: .*10\.0 kB is to be fetched, [\d.]+ \w+ is free, min_free keeps 966 TB of it; /,
  ],
] as const)('a plan that does not fit below %s is refused before a package is fetched', async ([key, value, line]) => {
  await using mirrored = await mirroredSite({}, { [key]: value })
  await makeRepository(mirrored.dir, packages)
  const { status, stderr } = await mirrored.sync()
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(line) })
  expect(mirrored.asked().filter((path) => path.endsWith('.rpm'))).toEqual([])
})

test('what others were promised counts, until they take it back or end', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const promised: number[] = []
  const note = (bytes: number) => void promised.push(bytes)
  const other = spawn('sleep', ['60'])
  database.prepare('INSERT INTO meta VALUES (?, ?)').run(`reserved:${other.pid}`, '700')
  const release = reserve(database, 100, note)
  const refuse = () => {
    throw new Error('no room')
  }
  expect(() => reserve(database, 1, refuse)).toThrow('no room')
  other.kill('SIGKILL')
  await once(other, 'exit')
  reserve(database, 200, note)
  release()
  expect(promised).toEqual([700, 0])
  expect(database.prepare("SELECT count(*) AS n FROM meta WHERE key LIKE 'reserved:%'").get()?.n).toBe(0)
})
