import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/repo.ts'
import { parseAddress, sidesOf } from '../../../src/lifecycle/diff/address.ts'
import { transaction } from '../../../src/store/database.ts'
import { markPublished, prepareGeneration, repoRow } from '../../../src/store/generations.ts'
import { openNewDatabase, sha256Of } from '../../store/opened.ts'

const config = {
  file: 'mirror.yaml',
  repos: ['app', 'with:colon', '9'].map((id) => ({ id, path: `el9/${id}` })),
} as Config

describe('an address', () => {
  const read = (text: string, repo?: string) => {
    const { where = '', id, generation = 0 } = parseAddress(text, repo, config)
    return [where, id, generation]
  }

  test.each<[string, string | undefined, unknown[]]>([
    ['41', 'app', ['', 'app', 41]],
    ['9', undefined, ['', '9', 0]],
    ['app', undefined, ['', 'app', 0]],
    ['app@41', undefined, ['', 'app', 41]],
    ['prod:app', undefined, ['prod', 'app', 0]],
    ['prod:app@7', 'with:colon', ['prod', 'app', 7]],
    ['prod:', 'app', ['prod', 'app', 0]],
    ['prod:@7', 'app', ['prod', 'app', 7]],
    ['with:colon', undefined, ['', 'with:colon', 0]],
    ['prod:with:colon@2', undefined, ['prod', 'with:colon', 2]],
  ])('%s beside %s', (text, repo, expected) => {
    expect(read(text, repo)).toEqual(expected)
  })

  test.each([
    ['nine', 'nine: no repository nine in mirror.yaml; it has app, with:colon, 9'],
    ['prod:nine', 'prod:nine: no repository nine in mirror.yaml; it has app, with:colon, 9'],
    [':app', ':app: no repository app in mirror.yaml; it has app, with:colon, 9'],
    ['41', '41: no repository 41 in mirror.yaml; it has app, with:colon, 9'],
    ['prod:', 'prod:: no repository prod: in mirror.yaml; it has app, with:colon, 9'],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_USAGE', message }))
  })
})

describe('the sides of a comparison', () => {
  const sides = async (...operands: string[]) => {
    await using opened = await openNewDatabase()
    for (const [path, count] of [
      ['el9/app', 4],
      ['prod/el9/app', 2],
      ['snapshots/may/el9/app', 1],
    ] as const) {
      const repo = repoRow(opened.database, { path, id: path })
      transaction(opened.database, () => {
        for (let number = 1; number <= count; number++) {
          prepareGeneration(opened.database, repo, generation(number))
          if (number < 4) markPublished(opened.database, repo, number, number)
        }
      })
    }
    const { before, after } = sidesOf(operands, config, opened.database)
    return [before, after].map((side) => `${side.label}@${side.generation.number} at ${side.path}`)
  }

  test.each([
    [['app'], ['app@2 at el9/app', 'app@3 at el9/app']],
    [
      ['app', '1'],
      ['app@1 at el9/app', 'app@3 at el9/app'],
    ],
    [
      ['app', '3', '1'],
      ['app@3 at el9/app', 'app@1 at el9/app'],
    ],
    [['app@2'], ['app@2 at el9/app', 'app@3 at el9/app']],
    [['prod:app'], ['prod:app@2 at prod/el9/app', 'app@3 at el9/app']],
    [
      ['app', 'prod:'],
      ['prod:app@2 at prod/el9/app', 'app@3 at el9/app'],
    ],
    [
      ['may:app', 'prod:app@1'],
      ['may:app@1 at snapshots/may/el9/app', 'prod:app@1 at prod/el9/app'],
    ],
  ])('of %s', async (operands, expected) => {
    expect(await sides(...operands)).toEqual(expected)
  })

  test.each([
    [['app', '4'], 'no generation 4 of app is retained; there are 1 to 3'],
    [['may:app@2'], 'no generation 2 of may:app is retained; there is 1'],
    [['june:app'], 'june:app: nothing is published at june/el9/app or snapshots/june/el9/app'],
    [['with:colon'], 'with:colon: nothing is published at el9/with:colon'],
    [['app', '1', '2', '3'], expect.stringMatching(/^a repository and one or two generations of it are expected/)],
  ])('of %s are refused', async (operands, message) => {
    await expect(sides(...operands)).rejects.toMatchObject({ code: 'E_USAGE', message })
  })
})

function generation(number: number) {
  const what = { packages: 0, bytes: 0, upstreamPackages: 0, trust: 'none', overrides: undefined }
  const when = { timestamp: 0, created: number, superseded: undefined, revision: '1' }
  return { number, state: 'prepared' as const, repomd: sha256Of(String(number)), ...when, ...what }
}
