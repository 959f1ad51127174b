import { expect, test } from 'vitest'
import { Allowance } from '../../../agent/cgroup/allowance.ts'

test('a share of the time, saved up to a bound', () => {
  const allowance = new Allowance(0.1, 200)
  expect(allowance.leftMs(0)).toBe(200)
  allowance.spend(150)
  expect(allowance.leftMs(0)).toBe(50)
  expect(allowance.leftMs(1_000)).toBe(150)
  expect(allowance.leftMs(100_000)).toBe(200)
})

test('what was spent beyond it is paid back first', () => {
  const allowance = new Allowance(0.1, 100)
  allowance.leftMs(0)
  allowance.spend(300)
  expect(allowance.leftMs(1_000)).toBe(-100)
  expect(allowance.leftMs(3_000)).toBe(100)
})
