/** What readers of OTLP metrics tell, whatever form the body has. */
import type { LimitName } from '../catalog/limit.ts'
import type { Distribution, DistributionRejection } from './distribution.ts'

export type OtlpKind = 'gauge' | 'counter' | 'updown' | 'histogram' | 'summary'

/** Why points were not taken: a limit by its name, or what they are or lack. */
export type Rejection =
  | (LimitName &
      ('requestPoints' | 'resourceAttributes' | 'pointAttributes' | 'attributeBytes' | 'nameBytes'))
  | DistributionRejection
  | 'deltaTemporality'
  | 'noTemporality'
  | 'nameless'
  | 'timeless'
  | 'valueless'

export interface OtlpVisitor {
  /** The same map comes again for the same resource, while it is cached. */
  resource(attributes: ReadonlyMap<string, string>): void
  /** Name of the instrumentation scope of the metrics that follow; empty where it has none. */
  scope?(name: string): void
  metric(name: string, unit: string, kind: OtlpKind): void
  /** Unix ms. The value may be any, NaN included; it is NaN with `noRecordedValue`. */
  point(
    attributes: ReadonlyMap<string, string>,
    timeMs: number,
    startMs: number | undefined,
    value: number,
    noRecordedValue: boolean,
  ): void
  /** Of histograms and summaries; with `noRecordedValue` its form and bounds are all that it says. */
  distribution(
    attributes: ReadonlyMap<string, string>,
    timeMs: number,
    startMs: number | undefined,
    distribution: Distribution,
    noRecordedValue: boolean,
  ): void
  rejected(points: number, reason: Rejection): void
}
