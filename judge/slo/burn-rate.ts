/**
 * Burn rate: errors over a window as a multiple of the budget; 1 spends exactly the whole budget in
 * the SLO's period. An alert fires while a long and a short window are both above a factor: the long
 * one says that it matters, the short one that it still goes on (SRE Workbook, chapter 5).
 *
 * How window and factor follow the period (P), always printed with the SLO:
 *   P ≥ 60 d         1h / 5m, factor 14.4; a fixed share of so long a budget would page too late
 *   14 d < P < 60 d  1h / 5m, the factor that spends 2 % of the budget in an hour: 14.4 for 30 d
 *   1 d ≤ P ≤ 14 d   1h / 5m, the factor that spends 8 % in an hour, at most 14.4: 13.44 for 7 d
 *   P < 1 d          windows shrink with the period, P/24 and P/288, never below two slices and one;
 *                    the factor that spends 8 % in the long window, never below 1
 */
import { sliOf, type Sums } from './budget.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const FACTOR_MAX = 14.4

export interface Tier {
  readonly longMs: number
  readonly shortMs: number
  /** Burn rate above which both windows fire. */
  readonly factor: number
  /** Share of the budget that is spent when the factor holds for the long window. */
  readonly budgetShare: number
}

/** Absent when nothing was measured. No traffic spends nothing. */
export function burnRate(sums: Sums, target: number): number | undefined {
  if (sums.measured === 0) return undefined
  const sli = sliOf(sums)
  return sli === undefined ? 0 : (1 - sli) / (1 - target)
}

/** The factor that spends `share` of the budget of a period within a window. */
export const factorOf = (share: number, periodMs: number, windowMs: number): number =>
  (share * periodMs) / windowMs

/** Window and factor of the page for a period. */
export function pageTier(periodMs: number, sliceMs: number): Tier {
  const wholeSlices = (ms: number, least: number) =>
    Math.max(least, Math.ceil(ms / sliceMs)) * sliceMs
  const short = periodMs < DAY_MS
  const longMs = wholeSlices(short ? periodMs / 24 : HOUR_MS, 2)
  const shortMs = wholeSlices(short ? periodMs / 288 : 5 * MINUTE_MS, 1)
  const factor =
    periodMs >= 60 * DAY_MS
      ? FACTOR_MAX
      : periodMs > 14 * DAY_MS
        ? factorOf(0.02, periodMs, longMs)
        : Math.max(1, Math.min(FACTOR_MAX, factorOf(0.08, periodMs, longMs)))
  return { longMs, shortMs, factor, budgetShare: (factor * longMs) / periodMs }
}

/** Whether errors can burn that fast at all: not when a total outage stays below the factor. */
export const canFire = (factor: number, target: number): boolean => factor * (1 - target) < 1

/** Time until the long window is above the factor after errors step from none to a ratio. */
export function detectionMs(tier: Tier, target: number, errorRatio: number): number | undefined {
  const threshold = tier.factor * (1 - target)
  return errorRatio > threshold ? (threshold / errorRatio) * tier.longMs : undefined
}

/** Time until the short window is below the factor again after the errors stop. */
export function resetMs(tier: Tier, target: number, errorRatio: number): number {
  return Math.max(0, tier.shortMs * (1 - (tier.factor * (1 - target)) / errorRatio))
}
