import { expect, test } from 'vitest'
import { Patience } from '../../../agent/ship/patience.ts'

test('who is late is waited for longer, up to a minute', () => {
  const patience = new Patience(10_000)
  const waited = Array.from({ length: 5 }, () => {
    const { ms } = patience
    patience.gaveUp(true)
    return ms
  })
  expect(waited).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
})

test('it goes on for as long as answers are late, and no longer', () => {
  const patience = new Patience(10_000)
  patience.answered(12_000)
  expect(patience.ms).toBe(24_000)
  patience.answered(50_000)
  expect(patience.ms).toBe(60_000)
  patience.answered(20)
  expect(patience.ms).toBe(10_000)
})

test('who is not there is not waited for', () => {
  const patience = new Patience(10_000)
  patience.gaveUp(true)
  patience.gaveUp(false)
  expect(patience.ms).toBe(10_000)
})
