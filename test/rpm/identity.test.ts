import { describe, expect, test } from 'vitest'
import { readIdentity } from '../../src/rpm/identity.ts'
import { makeRpm, type RpmSpec } from '../helpers/rpmfile.ts'

const of = (bytes: Buffer) => readIdentity((count) => bytes.subarray(0, count))
const spec: RpmSpec = { name: 'bash', version: '5.1', release: '9.el9', epoch: 2, arch: 'x86_64' }

describe('what a package file is called', () => {
  test('is what its header says', () => {
    expect(of(makeRpm(spec))).toEqual({ name: 'bash', epoch: '2', version: '5.1', release: '9.el9', arch: 'x86_64' })
    expect(of(makeRpm({ name: 'a', arch: 'noarch' }))).toMatchObject({ name: 'a', epoch: '0', arch: 'noarch' })
    expect(of(makeRpm({ ...spec, format: 6 }))).toMatchObject({ name: 'bash', epoch: '2' })
  })

  test('is asked for no more than its start', () => {
    const asked: number[] = []
    const bytes = makeRpm({ ...spec, payload: Buffer.alloc(100_000) })
    const found = readIdentity((count) => {
      asked.push(count)
      return bytes.subarray(0, count)
    })
    expect(found?.name).toBe('bash')
    expect(Math.max(...asked)).toBeLessThan(8192)
  })

  test('is src for a source package that says so', () => {
    expect(of(makeRpm({ ...spec, source: true }))?.arch).toBe('src')
  })

  test('is not known of what is no RPM, or a cut one', () => {
    const whole = makeRpm(spec)
    expect(of(Buffer.from('no package'))).toBeUndefined()
    expect(of(Buffer.alloc(0))).toBeUndefined()
    for (let end = 0; end < whole.length - 200; end += 7) {
      const found = orError(() => of(whole.subarray(0, end)))
      if (found !== 'E_RPM') expect([undefined, 'bash']).toContain(found?.name)
    }
  })

  test('never fails but with E_RPM, whatever byte is another', () => {
    const whole = makeRpm(spec)
    for (let at = 0; at < 600; at++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ 0xff
      expect(() => orError(() => of(bytes))).not.toThrow()
    }
  })
})

/** What a step gives, or E_RPM where it refuses. */
function orError<T>(step: () => T): T | 'E_RPM' {
  try {
    return step()
  } catch (error) {
    if ((error as { code?: string }).code === 'E_RPM') return 'E_RPM'
    throw error
  }
}
