/** An SLO as it is evaluated: what a file said, checked and with its units. */
import type { Budgeting } from '../../judge/slo/budget.ts'
import type { Operator } from '../../judge/slo/slices.ts'
import type { Selector } from '../query/promql.ts'

export interface Query {
  readonly text: string
  readonly selector: Selector
}

export type Indicator =
  | {
      readonly kind: 'ratio'
      readonly part: 'good' | 'bad'
      readonly partQuery: Query
      readonly totalQuery: Query
      /** Running totals, as Prometheus counters are; otherwise each sample is an amount. */
      readonly counter: boolean
    }
  | {
      readonly kind: 'threshold'
      readonly query: Query
      readonly operator: Operator
      readonly value: number
    }

/** What people are told of an objective. `service` and `slo` together are its identity. */
export interface Objective {
  readonly service: string
  readonly slo: string
  readonly displayName?: string
  readonly description?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Share of good events to reach, from 0 to below 1. */
  readonly target: number
  /** `28d` */
  readonly window: string
}

/** One objective of an SLO document. */
export interface LoadedSlo extends Objective {
  /** Whose samples it is of. */
  readonly tenant: string
  readonly windowMs: number
  readonly sliceMs: number
  readonly budgeting: Budgeting
  readonly indicator: Indicator
  /** Where it was read. */
  readonly place: string
}
