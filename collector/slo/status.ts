/** What is known of an SLO at one moment: for the API, the console, our own gauges and alerts. */
import { formatDuration } from '../../settings/duration.ts'
import { budgetOf, type Sums } from '../../judge/slo/budget.ts'
import {
  burnRate,
  canFire,
  detectionMs,
  pageTier,
  resetMs,
  type Tier,
} from '../../judge/slo/burn-rate.ts'
import { isBurning, type SloState, stateOf } from '../../judge/slo/state.ts'
import type { LoadedSlo, Objective } from './loaded-slo.ts'
import { queriesOf, type Track } from './slices.ts'
import type { WindowSums } from './sums.ts'

export interface BurnRate {
  /** `5m` */
  readonly window: string
  readonly windowSeconds: number
  /** Share of the window that was measured. */
  readonly coverage: number
  /** Absent when nothing was measured in the window. */
  readonly value?: number
}

/** When the page fires, in numbers. */
export interface AlertTerms {
  readonly longWindow: string
  readonly shortWindow: string
  /** Burn rate that both windows must exceed. */
  readonly factor: number
  /** Share of the budget that is spent when it fires. */
  readonly budgetShare: number
  /** False when even a total outage burns more slowly than the factor. */
  readonly canFire: boolean
  /** Time from a total outage to the alert, and from its end to the resolution, without delays. */
  readonly detectionSeconds?: number
  readonly resetSeconds?: number
}

export interface SloStatus extends Objective {
  readonly windowSeconds: number
  readonly sliceSeconds: number
  readonly budgetingMethod: string
  readonly indicator: 'ratio' | 'threshold'
  /** By part: good or bad, and total; or threshold. */
  readonly queries: Readonly<Record<string, string>>
  readonly threshold?: { readonly operator: string; readonly value: number }
  readonly state: SloState
  readonly reason: string
  /** What a reader of the figures should know: lints and doubts. */
  readonly notes: readonly string[]
  readonly sli?: number
  readonly budgetRemaining?: number
  readonly coverage: number
  readonly burnRates: readonly BurnRate[]
  readonly alert: AlertTerms
  /** Both windows above the factor; absent when that was not measured. */
  readonly burning?: boolean
  /** End of the newest slice that was measured, Unix ms. */
  readonly measuredUntilMs?: number
  readonly evaluatedMs: number
}

const NOTHING: Sums = { good: 0, total: 0, measured: 0 }
const MINUTE_MS = 60_000
const SHOWN_MS = [5 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS]

/** Windows whose burn rate is shown, ascending; those of the alert are among them. */
export function burnWindows({ windowMs, sliceMs }: LoadedSlo): number[] {
  const { longMs, shortMs } = pageTier(windowMs, sliceMs)
  const shown = SHOWN_MS.filter((ms) => ms <= windowMs && ms >= sliceMs)
  return [...new Set([...shown, longMs, shortMs])].sort((a, b) => a - b)
}

export function statusOf(
  track: Track,
  sums: WindowSums | undefined,
  nowMs: number,
  failure?: string,
): SloStatus {
  const { slo } = track
  const tier = pageTier(slo.windowMs, slo.sliceMs)
  const over = (ms: number) => sums?.windows.get(ms) ?? NOTHING
  const period = over(slo.windowMs)
  const budget = budgetOf(period, slo.target, slo.windowMs / slo.sliceMs)
  const burn = (ms: number) => (failure === undefined ? burnRate(over(ms), slo.target) : undefined)
  const input = { budget, tier, longBurn: burn(tier.longMs), shortBurn: burn(tier.shortMs) }
  const state =
    failure === undefined
      ? stateOf(input)
      : { state: 'unmeasured' as const, reason: `the evaluation failed: ${failure}` }
  const burning = isBurning(input)
  return {
    ...describe(slo),
    ...state,
    notes: notesOf(track, tier, period),
    ...(budget.sli === undefined ? {} : { sli: budget.sli }),
    ...(budget.remaining === undefined ? {} : { budgetRemaining: budget.remaining }),
    coverage: budget.coverage,
    burnRates: burnWindows(slo).map((ms) => {
      const value = burn(ms)
      return {
        window: formatDuration(ms),
        windowSeconds: ms / 1_000,
        coverage: Math.min(1, (over(ms).measured * slo.sliceMs) / ms),
        ...(value === undefined ? {} : { value }),
      }
    }),
    alert: termsOf(tier, slo.target),
    ...(burning === undefined ? {} : { burning }),
    ...(sums === undefined ? {} : { measuredUntilMs: sums.newestStartMs + slo.sliceMs }),
    evaluatedMs: nowMs,
  }
}

const describe = (slo: LoadedSlo) => ({
  service: slo.service,
  slo: slo.slo,
  ...(slo.displayName === undefined ? {} : { displayName: slo.displayName }),
  ...(slo.description === undefined ? {} : { description: slo.description }),
  labels: slo.labels,
  annotations: slo.annotations,
  target: slo.target,
  window: slo.window,
  windowSeconds: slo.windowMs / 1_000,
  sliceSeconds: slo.sliceMs / 1_000,
  budgetingMethod: slo.budgeting.method,
  indicator: slo.indicator.kind,
  queries: Object.fromEntries(
    Object.entries(queriesOf(slo.indicator)).map(([part, { text }]) => [part, text]),
  ),
  ...(slo.indicator.kind === 'threshold' && {
    threshold: { operator: slo.indicator.operator, value: slo.indicator.value },
  }),
})

function termsOf(tier: Tier, target: number): AlertTerms {
  const detection = detectionMs(tier, target, 1)
  return {
    longWindow: formatDuration(tier.longMs),
    shortWindow: formatDuration(tier.shortMs),
    factor: tier.factor,
    budgetShare: tier.budgetShare,
    canFire: canFire(tier.factor, target),
    ...(detection !== undefined && {
      detectionSeconds: detection / 1_000,
      resetSeconds: resetMs(tier, target, 1) / 1_000,
    }),
  }
}

function notesOf(
  { slo, partSeen, partKnown, pending, postponed }: Track,
  tier: Tier,
  period: Sums,
): string[] {
  const notes: string[] = []
  if (!canFire(tier.factor, slo.target)) {
    notes.push('the alert can never fire: a total outage burns more slowly than its factor')
  }
  if (postponed) notes.push('its samples wait to be counted')
  if (pending.length > 0) {
    notes.push(
      'older samples are still being counted: figures are of the share that coverage names',
    )
  }
  if (slo.indicator.kind === 'ratio' && !partSeen && !postponed) {
    notes.push(
      partKnown
        ? `${slo.indicator.partQuery.text} matches no series in the window: counted as no bad events`
        : slo.indicator.part === 'good'
          ? `${slo.indicator.partQuery.text} matches no series in the window, so nothing is measured`
          : `no metric ${slo.indicator.partQuery.selector.name} was ever received, so nothing is measured: mend its name, or start its counter at 0`,
    )
  }
  if (period.total > 0 && period.good > period.total * 1.001) {
    notes.push('more good events than events in total: the two queries do not belong together')
  }
  return notes
}
