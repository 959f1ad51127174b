/** What to change at a sender whose points were not taken, where somebody can: by the reason. */
const ADVICE: Readonly<Record<string, string>> = {
  deltaTemporality:
    'set the exporter to cumulative: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative',
  exemplars: 'exemplars are not stored: set send_exemplars to false',
  tenantSeries:
    'the tenant has as many series as the token allows: send fewer, or raise `series` of the token',
  tenantEntities:
    'the tenant has as many entities as the token allows: send fewer, or raise `entities` of the token',
  clockAheadMs: 'set the clock of the sender, or of the collector',
  clockBehindMs: 'the points are older than the collector takes',
}

export const adviceFor = (reason: string): string | undefined =>
  Object.hasOwn(ADVICE, reason) ? ADVICE[reason] : undefined

/** For the sender: how many points were dropped for what, and what it can do. */
export const describeDropped = (dropped: ReadonlyMap<string, number>): string =>
  [...dropped]
    .map(([reason, count]) => {
      const advice = adviceFor(reason)
      return `${reason}: ${count}${advice === undefined ? '' : ` (${advice})`}`
    })
    .join(', ')
