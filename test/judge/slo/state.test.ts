import { expect, test } from 'vitest'
import type { Budget } from '../../../judge/slo/budget.ts'
import { isBurning, stateOf } from '../../../judge/slo/state.ts'

const tier = { longMs: 3_600_000, shortMs: 300_000, factor: 14.4, budgetShare: 0.02 }
const healthy: Budget = { sli: 0.9999, remaining: 0.9, coverage: 1 }

const f = (
  budget: Budget,
  [longBurn, shortBurn]: [number | undefined, number | undefined],
  state: string,
  burning: boolean | undefined,
) => {
  const input = { budget, longBurn, shortBurn, tier }
  expect(stateOf(input).state).toBe(state)
  expect(stateOf(input).reason).not.toBe('')
  expect(isBurning(input)).toBe(burning)
}

test('burning needs both windows above the factor', () => {
  f(healthy, [1, 1], 'ok', false)
  f(healthy, [14.5, 14.5], 'burning', true)
  f(healthy, [14.4, 14.5], 'ok', false)
  f(healthy, [14.5, 14.4], 'ok', false)
})

test('a spent budget is exhausted, burning or not', () => {
  f({ sli: 0.9, remaining: 0, coverage: 1 }, [1, 1], 'exhausted', false)
  f({ sli: 0.9, remaining: -3, coverage: 1 }, [99, 99], 'exhausted', true)
})

test('what was not measured is never ok', () => {
  f({ coverage: 0 }, [undefined, undefined], 'unmeasured', undefined)
  f(healthy, [1, undefined], 'unmeasured', undefined)
  f(healthy, [undefined, 1], 'unmeasured', undefined)
  f({ sli: 0.5, remaining: -9, coverage: 1 }, [undefined, undefined], 'unmeasured', undefined)
})

test('no traffic is measured', () => f({ remaining: 1, coverage: 1 }, [0, 0], 'ok', false))
