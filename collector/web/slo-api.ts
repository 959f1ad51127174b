/** GET /api/v1/slos: state, indicator, budget and burn rates of every SLO. */
import type { FastifyInstance } from 'fastify'
import { SLO_STATES } from '../../judge/slo/state.ts'
import type { Slos } from '../slo/evaluate.ts'
import type { SloStatus } from '../slo/status.ts'
import {
  answers,
  evaluation,
  limitQuery,
  list,
  number,
  object,
  oneOf,
  text,
  TIME,
  TRUNCATED,
} from './schema.ts'
import type { Of } from './of.ts'

const texts = (description: string) => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  description,
})

const burn = object(
  {
    window: text('Window, as `1h`.'),
    windowSeconds: number('Window.'),
    coverage: number('Share of the window that was measured, 0-1.'),
  },
  { value: number('Error ratio as a multiple of the budget; missing while unmeasured.') },
)

const alert = object(
  {
    longWindow: text('Long window of the alert.'),
    shortWindow: text('Short window of the alert.'),
    factor: number('Burn rate that both windows must exceed.'),
    budgetShare: number('Share of the budget that is spent when it fires, 0-1.'),
    canFire: { type: 'boolean', description: 'False when a total outage burns more slowly.' },
  },
  {
    detectionSeconds: number('Time from a total outage to the alert.'),
    resetSeconds: number('Time from the end of the outage to the resolution.'),
  },
)

type OptionalKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
type RequiredKey<T> = Exclude<keyof T, OptionalKey<T>>

/** What is not named here does not leave the house, so every field of a status has its line. */
const slo = object(
  {
    service: text('Service.'),
    slo: text('Name of the SLO.'),
    labels: texts('Labels of the SLO.'),
    annotations: texts('Annotations of the SLO.'),
    target: number('Target, 0-1.'),
    window: text('Period, as `30d`.'),
    windowSeconds: number('Period.'),
    sliceSeconds: number('Length of a slice.'),
    budgetingMethod: text('Occurrences, Timeslices or RatioTimeslices.'),
    indicator: oneOf(['ratio', 'threshold'], 'Form of the indicator.'),
    queries: texts('PromQL by part: good or bad, and total; or threshold.'),
    state: oneOf(SLO_STATES, 'unmeasured is neither ok nor exhausted.'),
    reason: text('Why it is in that state.'),
    notes: list({ type: 'string' }, 'What a reader of the figures should know.'),
    coverage: number('Share of the slices of the period that were measured, 0-1.'),
    burnRates: list(burn, 'Burn rates, the shortest window first.'),
    alert,
    evaluatedMs: number('Time of the evaluation, Unix ms.'),
  } satisfies Record<RequiredKey<SloStatus>, object>,
  {
    displayName: text('Name for people.'),
    description: text('What it promises.'),
    threshold: object({ operator: text('lte, gte, lt or gt.'), value: number('Threshold.') }),
    sli: number('Share of good events over the period, 0-1; missing while unmeasured.'),
    budgetRemaining: number('Share of the error budget that is left; negative when overspent.'),
    burning: { type: 'boolean', description: 'Both windows of the alert are above its factor.' },
    measuredUntilMs: number('End of the newest measured slice, Unix ms.'),
  } satisfies Record<OptionalKey<SloStatus>, object>,
)

const answer = object({
  timeMs: TIME,
  evaluation,
  total: number('SLOs.'),
  truncated: TRUNCATED,
  slos: list(slo, 'SLOs; empty until the first evaluation.'),
})

export type ShownSlos = Pick<Slos, 'list' | 'evaluation'>

export function sloApi(app: FastifyInstance, of: Of<ShownSlos>, now: () => number): void {
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/slos',
    answers('SLOs', { limit: limitQuery }, answer, 'slos'),
    async ({ raw, query }) => {
      const slos = of({ raw })
      const all = slos.list()
      return {
        timeMs: now(),
        evaluation: slos.evaluation(),
        total: all.length,
        truncated: all.length > query.limit,
        slos: all.slice(0, query.limit),
      }
    },
  )
}
