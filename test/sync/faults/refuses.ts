import { beforeAll, expect, test } from 'vitest'
import { type BadInput, tryBadInputs, type Verdicts } from './badInputs.ts'

/**
 * Declares the tests of a table of bad inputs: each gets its one line, the old generation stays as it is byte for
 * byte, and the repo beside it is done.
 * @param thenRight whether another run, with the upstreams right again, must succeed without help
 */
export function refuses(inputs: readonly BadInput[], { thenRight = false } = {}): void {
  let verdicts: Verdicts
  beforeAll(async () => {
    verdicts = await tryBadInputs(inputs, thenRight)
  }, 180_000)

  test.for(inputs)('is refused in one line: $what', (input) => {
    const { lines, problems, isUntouched, next } = verdicts.of(input)
    const served = '; generation 1 is still served'
    if (typeof input.line === 'string') expect(lines).toEqual([`${input.line}${served}`])
    else expect(lines).toEqual([expect.stringMatching(new RegExp(`${input.line.source}.*${served}$`))])
    expect(lines[0]).toContain('URL')
    expect({ problems, isUntouched, next }).toEqual({
      problems: [],
      isUntouched: true,
      next: thenRight ? 'published' : undefined,
    })
  })

  test('the run fails, the repo that is right is done, and nothing is left behind', () => {
    const { run, good, strays, leftovers } = verdicts
    expect(run).toMatchObject({ status: 1, signal: null })
    expect({ good, strays, leftovers }).toEqual({ good: 'published', strays: [], leftovers: [] })
    expect(run.stderr).not.toMatch(/E_BUG|^ {4}at |Unhandled/m)
    const kept = inputs.filter((input) => verdicts.of(input).isUntouched).length
    const clear = inputs.filter((input) => verdicts.of(input).lines.length === 1).length
    console.log(
      `${Math.round(run.durationMs)} ms, ${inputs.length} bad inputs tried, ${clear} clear errors, ${kept} kept publications`,
    )
  })
}
