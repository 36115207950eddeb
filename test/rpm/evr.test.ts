import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareEvr, compareVersions, type Evr, formatEvr, type Order, parseEvr } from '../../src/rpm/evr.ts'
import vectors from '../fixtures/rpm/evr.json' with { type: 'json' }
import { judge } from '../helpers/judges.ts'
import { askRpm, asVersion } from './ask.ts'

type Pair = [a: string, b: string]

const versionPairs = vectors.versions as [...Pair, Order][]
const evrPairs = vectors.evrs as [...Pair, Order][]

function compareTexts(a: string, b: string): Order {
  return compareEvr(parseEvr(a), parseEvr(b))
}

/** The pairs for which ours is not rpm's order, in either direction. */
function misjudged(compare: (a: string, b: string) => Order, pairs: readonly [...Pair, Order][]): unknown[] {
  return pairs.filter(([a, b, order]) => compare(a, b) !== order || compare(b, a) !== (0 - order || 0))
}

describe('the order of versions', () => {
  test('is the one that rpm gave to every pair of the vectors', () => {
    expect(versionPairs.length).toBeGreaterThan(1500)
    expect(misjudged(compareVersions, versionPairs)).toEqual([])
  })

  test('is the one that rpm gave to epoch, version and release together', () => {
    expect(evrPairs.length).toBeGreaterThan(500)
    expect(misjudged(compareTexts, evrPairs)).toEqual([])
  })

  test.skipIf(!judge('rpm'))('is the one that the installed rpm gives to versions never seen before', () => {
    const pairs = fc.sample(fc.tuple(version, version), 3000)
    const orders = askRpm(pairs.map(([a, b]): Pair => [asVersion(a), asVersion(b)]))
    expect(misjudged(compareVersions, judged(pairs, orders))).toEqual([])
  })

  test.skipIf(!judge('rpm'))('is the one that the installed rpm gives to whole EVRs never seen before', () => {
    const evr = fc
      .record({ epoch: fc.constantFrom('0', '1', '2', '10', '09'), version, release: version })
      .map(formatWhole)
    const pairs = fc.sample(fc.tuple(evr, evr), 1000)
    expect(misjudged(compareTexts, judged(pairs, askRpm(pairs)))).toEqual([])
  })

  test('takes a missing release as older than any', () => {
    expect(compareTexts('1', '1-~1')).toBe(-1)
    expect(compareTexts('1-0', '1')).toBe(1)
    expect(compareTexts('1', '1')).toBe(0)
  })
})

describe('the text of an EVR', () => {
  test.each<[string, Evr]>([
    ['1:2.0-3.el9', { epoch: '1', version: '2.0', release: '3.el9' }],
    ['2.0-3', { epoch: '0', version: '2.0', release: '3' }],
    ['2.0', { epoch: '0', version: '2.0', release: '' }],
    ['4:2.0', { epoch: '4', version: '2.0', release: '' }],
    [':2-3', { epoch: '0', version: '2', release: '3' }],
    ['1:2-3-4', { epoch: '1', version: '2-3', release: '4' }],
    ['1a:2-3', { epoch: '0', version: '1a:2', release: '3' }],
    ['12', { epoch: '0', version: '12', release: '' }],
    ['', { epoch: '0', version: '', release: '' }],
  ])('%j is read as rpm reads it', (text, evr) => {
    expect(parseEvr(text)).toEqual(evr)
  })

  test('is written without an epoch of 0 and read back as it was', () => {
    expect(formatEvr({ epoch: '0', version: '2.0', release: '3' })).toBe('2.0-3')
    const part = fc.stringMatching(/^[a-z0-9._+~^]{1,9}$/)
    fc.assert(
      fc.property(fc.nat().map(String), part, part, (epoch, version, release) => {
        expect(parseEvr(formatEvr({ epoch, version, release }))).toEqual({ epoch, version, release })
      }),
    )
  })
})

/** Versions that are close to each other, so that their ends and separators decide. */
const version = fc
  .array(fc.constantFrom('0', '1', '10', '01', 'a', 'b', 'ab', 'Z', '.', '..', '_', '~', '^', '+', 'é'), {
    maxLength: 6,
  })
  .map((pieces) => pieces.join('') || '1')

function formatWhole({ epoch, version, release }: Evr): string {
  return `${epoch}:${version}-${release}`
}

function judged(pairs: readonly Pair[], orders: readonly Order[]): [...Pair, Order][] {
  expect(orders.length).toBe(pairs.length)
  return pairs.map((pair, i) => [...pair, orders[i]!])
}
