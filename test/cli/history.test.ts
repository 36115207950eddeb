import { describe, expect, test } from 'vitest'
import { makeMirrored } from './mirrored.ts'

describe.concurrent('mirror history', () => {
  test('shows how runs ended, newest first, for people and for machines', async () => {
    await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }], two: [{ name: 'beta' }] })
    expect(await mirrored.mirror('history')).toMatchObject({ status: 0, stderr: '' })
    await mirrored.mirror('sync')
    mirrored.upstream.rules.push({ path: /^\/one\/.*repomd/, fault: { kind: 'status', status: 403 } })
    await mirrored.mirror('sync')
    const { status, stdout } = await mirrored.mirror('history', 'one')
    expect(status).toBe(0)
    const day = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d'
    const [heading, failed, published, ...rest] = stdout.trimEnd().split('\n')
    expect(heading).toMatch(/^repository {2}began \(UTC\) +took {2}added {2}removed {2}fetched {2}result$/)
    expect(failed).toMatch(new RegExp(`^one +${day} .* E_HTTP one: `))
    expect(published).toMatch(new RegExp(`^one +${day} .* 1 +0 +[\\d.]+ kB {2}published$`))
    expect(rest).toEqual([])
    const json = JSON.parse((await mirrored.mirror('history', '--json', '--limit', '1')).stdout) as { runs: object[] }
    expect(json.runs).toHaveLength(2)
    expect(json.runs).toContainEqual(
      expect.objectContaining({ repo: 'one', result: 'failed', message: expect.stringContaining('403') }),
    )
    expect(json.runs).toContainEqual(expect.objectContaining({ repo: 'two', result: 'unchanged', message: null }))
  })

  test.each(['0', '-1', 'x', '10000'])('--limit %s is refused', async (limit) => {
    await using mirrored = await makeMirrored({ one: [] })
    const { status, stderr } = await mirrored.mirror('history', `--limit=${limit}`)
    expect([status, stderr]).toEqual([2, `E_USAGE: --limit ${limit}: a number from 1 to 9999 is expected\n`])
  })
})

test('verbs that ask a daemon say so where none runs', async () => {
  await using mirrored = await makeMirrored({ one: [] })
  for (const args of [['jobs'], ['cancel', '1'], ['reload']]) {
    const { status, stderr } = await mirrored.mirror(...args)
    const message = `E_USAGE: no daemon answers at ${mirrored.site.state}/admin.sock; start one: mirror daemon\n`
    expect([status, stderr]).toEqual([2, message])
  }
  expect(await mirrored.mirror('cancel', 'x')).toMatchObject({
    status: 2,
    stderr: "E_USAGE: x is no job's number; mirror jobs shows them\n",
  })
})
