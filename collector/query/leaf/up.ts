/**
 * The series `up` of every machine that reports: 1 at each pass that arrived, and 0 where three in a row did
 * not, at the times of those that are missed, until one arrives, the machine says that it ends, or a day is
 * over. Nobody stores it: it follows from when there are rows.
 */
import type { Table } from '../../../catalog/metric.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { ask } from './ask.ts'
import { arraysOf, inOrder, rowOf, withEnd } from './columns-of.ts'
import { Bound, inRange, ofEntities, type Range, TENANT } from './conditions.ts'
import { allMatchers, placesIn, type Selection } from './places.ts'
import { typedSeriesLabels } from './typed-labels.ts'
import { type Context, entitiesOf, type StoredSeries } from './typed.ts'

export const UP = {
  column: 'up',
  prom: 'up',
  otel: 'candor.up',
  kind: 'gauge',
  unit: '1',
  help: '1 where a pass of the agent arrived, 0 where three in a row did not.',
  source: 'the collector: when rows of the machine arrived',
  since: '0.1',
} as const
/** As if it were a table: who asks for series of machines asks for this one too. */
export const upTable: Table = { ...machine, name: 'up', metrics: [UP] }

export const MISSED = 3
/** What is silent for longer is gone. */
export const SILENT_MS = 86_400_000
/** Long enough to tell how often a machine reports. */
const BEFORE_MS = 600_000
const USUAL_MS = 10_000
const LEAST_MS = 1_000

/** Samples of `up` in a range; none where the selection is of something else. */
export async function upSamples(
  context: Context & { readonly nowMs: number },
  selection: Selection,
  range: Range,
): Promise<StoredSeries[]> {
  const [place] = placesIn(upTable, allMatchers(selection))
  if (place === undefined) return []
  const before = { fromMs: range.fromMs - BEFORE_MS, toMs: range.toMs }
  const longBefore = { fromMs: range.fromMs - SILENT_MS, toMs: range.toMs }
  const { matched } = await entitiesOf(context, place, longBefore)
  const ids = [...matched.keys()]
  if (ids.length === 0) return []
  const passes = await passesOf(context, ids, before)
  const silent = ids.filter((id) => !((passes.get(id)?.[0] ?? Infinity) < range.fromMs))
  const last = await lastOf(context, silent, { fromMs: longBefore.fromMs, toMs: before.fromMs })
  const untilMs = Math.min(range.toMs, context.nowMs)
  const series: StoredSeries[] = []
  for (const [id, { known, firstMs, endedMs }] of matched) {
    const its = passes.get(id) ?? new Float64Array()
    const early = last.get(id)
    const at = early === undefined ? its : Float64Array.of(early, ...its)
    if (at.length === 0) continue
    const all = upOf(at, Math.min(untilMs, endedMs ?? Infinity))
    const samples = endedMs === undefined || endedMs > range.toMs ? all : withEnd(all, endedMs)
    const from = samples.times.findIndex((ms) => ms > range.fromMs)
    if (from < 0) continue
    const labels = typedSeriesLabels(context.cache, known, upTable, UP, [])
    const { times, values } = samples
    series.push({
      labels,
      kind: UP.kind,
      firstMs,
      times: times.subarray(from),
      values: values.slice(from),
    })
  }
  return series
}

/** Passes, ascending, to samples of `up` until a time. */
export function upOf(
  passes: Float64Array,
  untilMs: number,
): { times: Float64Array; values: Float64Array } {
  const everyMs = Math.max(LEAST_MS, intervalOf(passes))
  const times: number[] = []
  const values: number[] = []
  for (const [i, passMs] of passes.entries()) {
    times.push(passMs)
    values.push(1)
    const next = Math.min(passes[i + 1] ?? Infinity, untilMs + 1, passMs + SILENT_MS)
    for (let ms = passMs + MISSED * everyMs; ms < next; ms += everyMs) {
      times.push(ms)
      values.push(0)
    }
  }
  return { times: Float64Array.from(times), values: Float64Array.from(values) }
}

function intervalOf(passes: Float64Array): number {
  if (passes.length < 3) return USUAL_MS
  const steps = passes.slice(1).map((ms, i) => ms - passes[i]!)
  return steps.sort()[steps.length >> 1]!
}

async function passesOf(
  context: Context,
  ids: readonly bigint[],
  range: Range,
): Promise<ReadonlyMap<bigint, Float64Array>> {
  const bound = new Bound(context.tenant)
  const answer = await ask(
    context,
    `SELECT entity, groupArray(ts) AS at FROM machine
     WHERE ${TENANT} AND ${ofEntities(bound, ids)} AND ${inRange(bound, range)}
     GROUP BY entity`,
    bound,
  )
  const times = arraysOf(answer, 'at')
  return new Map(
    [...answer.ids('entity')].map((id, row) => {
      const at = rowOf(times, row)
      return [id, inOrder(at, new Float64Array(at.length)).times] as const
    }),
  )
}

/** The last pass of machines that were silent when a range began; the minute of it where passes are gone. */
async function lastOf(
  context: Context,
  ids: readonly bigint[],
  range: Range,
): Promise<ReadonlyMap<bigint, number>> {
  if (ids.length === 0) return new Map()
  const bound = new Bound(context.tenant)
  const where = `${TENANT} AND ${ofEntities(bound, ids)} AND ${inRange(bound, range)}`
  const answer = await ask(
    context,
    `SELECT entity, max(ts) AS last FROM (
       SELECT entity, ts FROM machine WHERE ${where}
       UNION ALL SELECT entity, ts FROM machine_1m WHERE ${where})
     GROUP BY entity`,
    bound,
  )
  const last = answer.numbers('last')
  const asked = new Set(ids)
  return new Map(
    [...answer.ids('entity')].flatMap((id, row) => (asked.has(id) ? [[id, last[row]!]] : [])),
  )
}
