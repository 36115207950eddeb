import { beforeAll, describe, expect, test } from 'vitest'
import { type BadInput, tryBadInputs, type Verdict, type Verdicts } from './badInputs.ts'

/** No input may make a process of the program hold more than this. */
const maxMemory = 300 * 2 ** 20

/**
 * Declares the tests of tables of bad inputs: each gets its one line, the old generation stays as it is byte for byte,
 * the repo beside it is done, and once the upstreams are right again the next run needs no help.
 * @param settings of the repos that they are tried on
 */
export function refuses(tables: Record<string, readonly BadInput[]>, settings: object = {}): void {
  let verdicts: Verdicts
  beforeAll(async () => {
    verdicts = await tryBadInputs(Object.values(tables).flat(), settings)
  }, 300_000)

  for (const [name, inputs] of Object.entries(tables))
    describe(`${name} is refused in one line`, () => {
      test.for(inputs)('$what', (input) => {
        const { lines, problems, isUntouched } = verdicts.of.get(input) as Verdict
        const served = '; generation 1 is still served'
        if (typeof input.line === 'string') expect(lines).toEqual([`${input.line}${served}`])
        else expect(lines).toEqual([expect.stringMatching(new RegExp(`${input.line.source}.*${served}$`))])
        expect(lines[0]).toContain('URL')
        expect({ problems, isUntouched }).toEqual({ problems: [], isUntouched: true })
      })
    })

  test('nothing else suffers, and the next run just works', () => {
    const { runs, good, next, strays, leftovers } = verdicts
    for (const { status, signal, stderr, peak } of runs) {
      expect({ status, signal }).toEqual({ status: 1, signal: null })
      expect(peak).toBeLessThan(maxMemory)
      expect(stderr).not.toMatch(/E_BUG|^ {4}at |Unhandled/m)
    }
    expect(good.filter((result) => result !== 'published')).toEqual([])
    expect(next.filter((result) => result !== 'published')).toEqual([])
    expect({ strays, leftovers }).toEqual({ strays: [], leftovers: [] })
    const all = [...verdicts.of.values()]
    const clear = all.filter(({ lines }) => lines.length === 1).length
    const kept = all.filter(({ isUntouched }) => isUntouched).length
    console.log(`${all.length} bad inputs tried, ${clear} clear errors, ${kept} kept publications`)
  })
}
