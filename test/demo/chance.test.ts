import { expect, test } from 'vitest'
import { chance, hex, uniqueHex } from '../../demo/chance.ts'

test('the same question has the same answer, and no two questions do', () => {
  const asked = [
    [1, 2, 3, 4],
    [2, 2, 3, 4],
    [1, 3, 3, 4],
    [1, 2, 4, 4],
    [1, 2, 3, 5],
    [1, 2, 4, 3],
    [1, 2, -3, 4],
  ] as const
  const answers = () => asked.map(([seed, about, a, b]) => chance(seed, about, a, b))
  expect(answers()).toEqual(answers())
  expect(new Set(answers()).size).toBe(asked.length)
})

test('chance is uniform, also between neighbours', () => {
  const n = 20_000
  const all = Array.from({ length: n }, (_, i) => chance(7, 1, i))
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / n
  expect(mean(all)).toBeCloseTo(0.5, 1)
  expect(mean(all.map((each) => each ** 2))).toBeCloseTo(1 / 3, 1)
  expect(mean(all.map((each, i) => each * (all[i + 1] ?? 0)))).toBeCloseTo(1 / 4, 1)
  expect(Math.min(...all)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...all)).toBeLessThan(1)
})

test('unique digits are unique, and others have the length that was asked for', () => {
  const numbers = Array.from({ length: 100_000 }, (_, i) => i - 50_000)
  expect(new Set(numbers.map((n) => uniqueHex(3, n))).size).toBe(numbers.length)
  expect(uniqueHex(3, 5)).toMatch(/^[0-9a-f]{8}$/)
  expect(hex(21, 1, 2, 3, 4)).toMatch(/^[0-9a-f]{21}$/)
})
