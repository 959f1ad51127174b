/**
 * OpenSLO v1 as far as this version evaluates it: the shape of each document. What the shapes cannot
 * say (one of two keys, ranges, references) is checked in openslo.ts.
 * Source: github.com/OpenSLO/OpenSLO, README.md.
 */
import * as v from 'valibot'

const text = v.string()
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'a name of at most 63 characters a-z 0-9 -'),
)
const number = v.pipe(v.number(), v.finite('a number'))

const metadata = v.strictObject({
  name,
  displayName: v.optional(text),
  labels: v.optional(v.record(text, v.union([text, v.array(text)]))),
  annotations: v.optional(v.record(text, text)),
})

const metric = v.strictObject({
  metricSource: v.strictObject({
    metricSourceRef: v.optional(text),
    type: v.optional(text),
    spec: v.strictObject({ query: text }),
  }),
})

const sliSpec = v.strictObject({
  description: v.optional(text),
  thresholdMetric: v.optional(metric),
  ratioMetric: v.optional(
    v.strictObject({
      counter: v.optional(v.boolean()),
      good: v.optional(metric),
      bad: v.optional(metric),
      total: v.optional(metric),
      raw: v.optional(metric),
      rawType: v.optional(v.picklist(['success', 'failure'])),
    }),
  ),
})

const inlineIndicator = v.strictObject({ metadata: v.optional(metadata), spec: sliSpec })

const objective = v.strictObject({
  displayName: v.optional(text),
  op: v.optional(v.picklist(['lte', 'gte', 'lt', 'gt'])),
  value: v.optional(number),
  target: v.optional(number),
  targetPercent: v.optional(number),
  timeSliceTarget: v.optional(number),
  timeSliceWindow: v.optional(text),
  indicator: v.optional(inlineIndicator),
  indicatorRef: v.optional(text),
  compositeWeight: v.optional(number),
})

const timeWindow = v.strictObject({
  duration: text,
  isRolling: v.boolean(),
  calendar: v.optional(v.strictObject({ startTime: text, timeZone: text })),
})

const apiVersion = v.literal('openslo/v1')

export const sloSchema = v.strictObject({
  apiVersion,
  kind: v.literal('SLO'),
  metadata,
  spec: v.strictObject({
    description: v.optional(text),
    service: name,
    indicator: v.optional(inlineIndicator),
    indicatorRef: v.optional(text),
    timeWindow: v.array(timeWindow),
    budgetingMethod: v.picklist(['Occurrences', 'Timeslices', 'RatioTimeslices']),
    objectives: v.array(objective),
    alertPolicies: v.optional(v.array(v.unknown())),
  }),
})

export const sliSchema = v.strictObject({
  apiVersion,
  kind: v.literal('SLI'),
  metadata,
  spec: sliSpec,
})

export const serviceSchema = v.strictObject({
  apiVersion,
  kind: v.literal('Service'),
  metadata,
  spec: v.optional(v.strictObject({ description: v.optional(text) })),
})

export type SloDocument = v.InferOutput<typeof sloSchema>
export type SliDocument = v.InferOutput<typeof sliSchema>
export type SliSpec = v.InferOutput<typeof sliSpec>
export type MetricDocument = v.InferOutput<typeof metric>
export type Objective = v.InferOutput<typeof objective>
