import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../settings/duration.ts'

const f = (text: string, ms: number | undefined) => expect(parseDuration(text)).toBe(ms)

test('parses', () => {
  f('10s', 10_000)
  f('1h30m', 5_400_000)
  f('500ms', 500)
  f('28d', 28 * 86_400_000)
  f('2w', 14 * 86_400_000)
  f('', undefined)
  f('10', undefined)
  f('s', undefined)
  f('-1s', undefined)
  f('1.5h', undefined)
  f('1s '.repeat(3), undefined)
})

test('what is printed is read again as the same, to two units', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 * 86_400_000 }), (ms) => {
      const again = parseDuration(formatDuration(ms))!
      expect(Math.abs(again - ms) / ms).toBeLessThan(0.5)
      expect(formatDuration(again)).toBe(formatDuration(again))
    }),
  )
  expect([0, 12_000, 90_000, 3_600_000, 90_061_000].map(formatDuration)).toEqual([
    '0s',
    '12s',
    '1m30s',
    '1h',
    '1d1h',
  ])
})
