/**
 * Where Prometheus 2.42 does not say what Prometheus 3 does, and we, with a reason each. Every expression
 * here is asked of both and must differ; `instead` is what 2.42 must be asked for the answer that we give.
 */
import type { Accepts } from './compare.ts'

export interface Exception {
  readonly reason: string
  /** What it is about among other expressions too, and which values are apart by it alone. */
  readonly among?: { readonly about: RegExp; readonly accepts: Accepts }
  readonly cases: readonly {
    readonly text: string
    readonly instead?: string
  }[]
}

/** `sampleSeconds` is a time of a sample of application series; `holeSeconds` that of the last before a hole. */
export const exceptionsAt = (sampleSeconds: number, holeSeconds: number): readonly Exception[] => {
  const minute = Math.floor(sampleSeconds / 60) * 60
  return [
    {
      reason:
        'A window is open on its left since 3.0: a sample that lies there is no longer in it.',
      cases: [
        {
          text: `count_over_time(flat[1m] @ ${sampleSeconds})`,
          instead: `count_over_time(flat[59999ms] @ ${sampleSeconds})`,
        },
        {
          text: `sum_over_time(queue_depth[1m] @ ${sampleSeconds})`,
          instead: `sum_over_time(queue_depth[59999ms] @ ${sampleSeconds})`,
        },
        {
          text: `count_over_time(vector(1)[2m:1m] @ ${minute})`,
          instead: `count_over_time(vector(1)[119s:1m] @ ${minute})`,
        },
        { text: `blinks @ ${holeSeconds + 300}`, instead: 'nothing' },
      ],
    },
    {
      reason:
        'A counter that begins near nothing is followed back to there at most as far as half a step, if the window begins more than a step earlier; 2.42 follows it back for up to a step.',
      among: {
        about: /\b(?:rate|increase)\(/,
        accepts: (ours, theirs) => ours < theirs && theirs - ours < theirs * 0.1,
      },
      cases: [{ text: 'rate(young_total[20m])' }, { text: 'increase(young_total[10m])' }],
    },
    {
      reason: 'Names are dropped at the end, so that what stands around may still ask for them.',
      cases: [
        {
          text: 'sum by (__name__) (rate({__name__=~"http_requests_total"}[5m]))',
          instead:
            'label_replace(sum(rate(http_requests_total[5m])), "__name__", "http_requests_total", "", "")',
        },
        {
          text: 'count_values by (__name__) ("v", flat * 2)',
          instead: 'label_replace(count_values("v", flat * 2), "__name__", "flat", "", "")',
        },
        { text: '-{__name__=~"node_load1|node_load5"} > 0 or vector(1)', instead: 'vector(1)' },
      ],
    },
    {
      reason: 'atan2 kept the name, which no other operator of numbers does.',
      cases: [
        {
          text: 'queue_depth atan2 7',
          instead: 'label_replace(queue_depth atan2 7, "__name__", "", "", "")',
        },
      ],
    },
    {
      reason:
        'A range that @ fixes moved on with the steps where the function has another argument that changes, or looks at the time.',
      cases: [
        { text: `predict_linear(http_requests_total[1m] @ ${sampleSeconds + 0.5}, 0.5)` },
        { text: `quantile_over_time(time() / 1e10, flat[45s] @ ${sampleSeconds + 0.5})` },
      ],
    },
    {
      reason: 'A dot of a pattern is any character since 3.0, the end of a line too.',
      cases: [
        { text: 'hostile{text!~"[a-z].*"}', instead: 'hostile{text!~"(?s)[a-z].*"}' },
        { text: 'hostile{text=~"new.line"}', instead: 'hostile{text=~"(?s)new.line"}' },
      ],
    },
    {
      reason:
        'The deviation of a group that begins with what is no number, or infinite, is no number.',
      among: {
        about: /\bstd(?:dev|var)\b(?!_over_time)/,
        accepts: (ours, theirs) => Number.isNaN(ours) && theirs === 0,
      },
      cases: [
        { text: 'stddev by (queue) (queue_depth)' },
        { text: 'stdvar by (which) (huge * 10)' },
      ],
    },
    {
      reason:
        'What is no number is no time to us; Go leaves open what it becomes, which differs by processor.',
      cases: [{ text: 'year(queue_depth)' }, { text: 'minute(-queue_depth / 0)' }],
    },
    {
      reason: 'Any text may be a name since 3.0, in quotes.',
      cases: [
        { text: '{"flat"}', instead: 'flat' },
        {
          text: 'sum by ("code") (http_requests_total)',
          instead: 'sum by (code) (http_requests_total)',
        },
        { text: 'http_requests_total{"code"="200"}', instead: 'http_requests_total{code="200"}' },
        { text: 'count_values("not a label", flat)' },
        { text: 'label_replace(flat, "not a label", "x", "", "")' },
      ],
    },
    {
      reason: 'Durations and numbers are the same since 3.0.',
      cases: [
        { text: 'rate(http_requests_total[300])', instead: 'rate(http_requests_total[5m])' },
        { text: 'flat offset 60', instead: 'flat offset 1m' },
        { text: 'vector(5m)', instead: 'vector(300)' },
      ],
    },
    {
      reason: 'holt_winters has the name that it deserves.',
      cases: [
        {
          text: 'double_exponential_smoothing(http_requests_total[5m], 0.5, 0.3)',
          instead: 'holt_winters(http_requests_total[5m], 0.5, 0.3)',
        },
        {
          text: 'double_exponential_smoothing(queue_depth[3m], 0.1, 0.9)',
          instead: 'holt_winters(queue_depth[3m], 0.1, 0.9)',
        },
        { text: 'holt_winters(flat[5m], 0.5, 0.3)', instead: 'unknown(flat)' },
      ],
    },
    {
      reason: 'Functions and aggregations that came later.',
      cases: [
        { text: 'limitk(100, http_requests_total)', instead: 'http_requests_total' },
        { text: 'limit_ratio(1, http_requests_total)', instead: 'http_requests_total' },
        { text: 'sort_by_label(flat, "job")', instead: 'flat' },
        { text: 'sort_by_label_desc(flat, "job")', instead: 'flat' },
        {
          text: 'first_over_time(http_request_duration_seconds_count[5m])',
          instead:
            'label_replace(min_over_time(http_request_duration_seconds_count[5m]), "__name__", "http_request_duration_seconds_count", "", "")',
        },
        { text: 'mad_over_time(flat[5m])', instead: 'flat * 0' },
        { text: 'mad_over_time(ends_total[10m] offset 6m)' },
        { text: 'ts_of_last_over_time(flat[1m])', instead: 'timestamp(flat)' },
        {
          text: 'ts_of_max_over_time(http_request_duration_seconds_sum[1m])',
        },
        { text: 'ts_of_min_over_time(flat[1m])', instead: 'timestamp(flat)' },
        { text: 'ts_of_first_over_time(flat[1m])' },
        { text: 'histogram_fraction(0, 0.1, http_request_duration_seconds_bucket)' },
      ],
    },
  ]
}
