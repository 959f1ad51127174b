/**
 * From slices to an SLI and what is left of the error budget. slo.md 2.1 and 2.4 in formulas:
 * SLI = Σ good / Σ total, remaining = 1 − (1 − SLI) / (1 − target) = (SLI − target) / (1 − target).
 */
import type { Slices } from './slices.ts'

/**
 * How a slice weighs (OpenSLO `budgetingMethod`): by its events; as one, good or bad; as one, by its
 * share of good events.
 */
export type Budgeting =
  | { readonly method: 'Occurrences' }
  | { readonly method: 'Timeslices'; readonly sliceTarget: number }
  | { readonly method: 'RatioTimeslices' }

/** Sums of the slices of a window. */
export interface Sums {
  readonly good: number
  readonly total: number
  /** Slices that were measured. */
  readonly measured: number
}

export interface Budget {
  /** Share of good events; absent when nothing was measured or nobody came. */
  readonly sli?: number
  /** 1 is untouched, 0 is spent, negative is overspent; absent when nothing was measured. */
  readonly remaining?: number
  /** Share of the slices of the window that were measured. */
  readonly coverage: number
}

/** The slices with the weight that the budgeting method gives each. Without traffic a timeslice is good. */
export function weigh(slices: Slices, budgeting: Budgeting): Slices {
  if (budgeting.method === 'Occurrences') return slices
  const good = new Float64Array(slices.good.length)
  const total = new Float64Array(slices.total.length)
  for (let i = 0; i < good.length; i++) {
    if (slices.measured[i] === 0) continue
    const idle = slices.total[i]! <= 0
    const share = idle ? 1 : slices.good[i]! / slices.total[i]!
    if (budgeting.method === 'Timeslices') {
      good[i] = share >= budgeting.sliceTarget ? 1 : 0
      total[i] = 1
    } else if (!idle) {
      good[i] = share
      total[i] = 1
    }
  }
  return { ...slices, good, total }
}

/** Absent when nothing was measured or there were no events. More good than total counts as all good. */
export const sliOf = ({ good, total, measured }: Sums): number | undefined =>
  measured === 0 || total <= 0 ? undefined : Math.min(1, Math.max(0, good / total))

export function budgetOf(sums: Sums, target: number, slicesInWindow: number): Budget {
  const coverage = Math.min(1, sums.measured / slicesInWindow)
  if (sums.measured === 0) return { coverage }
  const sli = sliOf(sums)
  if (sli === undefined) return { remaining: 1, coverage }
  return { sli, remaining: (sli - target) / (1 - target), coverage }
}
