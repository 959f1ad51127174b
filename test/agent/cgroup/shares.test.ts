import { describe, expect, test } from 'vitest'
import { sharesOf } from '../../../agent/cgroup/shares.ts'

/** As runc before 1.3.2 writes a weight. */
const straight = (shares: number) => Math.trunc(1 + ((shares - 2) * 9999) / 262_142)
/** As it does since. */
const curved = (shares: number) => {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}

describe('shares that people ask for come back by either formula', () => {
  const f = (shares: number) => {
    expect(sharesOf(straight(shares))).toBe(shares)
    expect(sharesOf(curved(shares))).toBe(shares)
  }
  test('the default', () => f(1024))
  test('half a CPU', () => f(512))
  test('two CPUs', () => f(2048))
  test('four CPUs', () => f(4096))
  test('all', () => f(262_144))
})

test('what nobody set is the default of both worlds', () => expect(sharesOf(100)).toBe(1024))
test('the smallest', () => expect(sharesOf(1)).toBe(2))
test('a tenth of a CPU as the curve writes it', () => expect(sharesOf(curved(102))).toBe(102))

test.each([0, -1, 10_001, Number.NaN])('%d is no weight', (weight) =>
  expect(sharesOf(weight)).toBeNaN(),
)

test('whatever the weight, one of the formulas leads from the shares back to it', () => {
  const weights = Array.from({ length: 10_000 }, (_, i) => i + 1)
  const astray = weights.filter((weight) => {
    const shares = sharesOf(weight)
    return straight(shares) !== weight && curved(shares) !== weight
  })
  expect(astray).toEqual([])
})
