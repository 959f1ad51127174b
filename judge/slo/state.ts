/** The state of an SLO, and why. What was not measured is never green. */
import type { Budget } from './budget.ts'
import type { Tier } from './burn-rate.ts'

export const SLO_STATES = ['ok', 'burning', 'exhausted', 'unmeasured'] as const
export type SloState = (typeof SLO_STATES)[number]

export interface StateInput {
  readonly budget: Budget
  /** Burn rate over the long and the short window of the tier; absent when not measured. */
  readonly longBurn: number | undefined
  readonly shortBurn: number | undefined
  readonly tier: Tier
}

/** Both windows above the factor; undefined when one of them was not measured. */
export function isBurning({ longBurn, shortBurn, tier }: StateInput): boolean | undefined {
  if (longBurn === undefined || shortBurn === undefined) return undefined
  return longBurn > tier.factor && shortBurn > tier.factor
}

export function stateOf(input: StateInput): { readonly state: SloState; readonly reason: string } {
  const { budget } = input
  const burning = isBurning(input)
  if (budget.remaining === undefined) {
    return { state: 'unmeasured', reason: 'nothing was measured in the window' }
  }
  if (burning === undefined) {
    return { state: 'unmeasured', reason: 'nothing was measured lately' }
  }
  if (budget.remaining <= 0) {
    return { state: 'exhausted', reason: 'the error budget of the window is spent' }
  }
  if (burning) {
    return { state: 'burning', reason: 'both windows burn faster than the alert allows' }
  }
  if (budget.sli === undefined) {
    return { state: 'ok', reason: 'no traffic in the window' }
  }
  return { state: 'ok', reason: 'within budget' }
}
