import { expect, test } from 'vitest'
import { everyMinute } from '../../../agent/machine/minute.ts'

test('at first, each minute, and when the clock went back', () => {
  const isDue = everyMinute()
  const times = [5_000, 15_000, 64_999, 65_000, 66_000, 1_000, 2_000]
  expect(times.map(isDue)).toEqual([true, false, false, true, false, true, false])
})
