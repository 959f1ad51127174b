/** Series with all that may happen to them, in memory and in a store. */
import fc from 'fast-check'
import { container } from '../../../../catalog/tables/container.ts'
import { Labels } from '../../../../collector/query/grid/labels.ts'
import { type SampleSeries, STALE_BITS } from '../../../../collector/query/grid/grid.ts'
import { NOT_A_NUMBER, type ColumnBatch } from '../../../../collector/store/columns.ts'
import {
  entityShape,
  POINT_VALUE,
  pointShape,
  seriesShape,
} from '../../../../collector/store/schema.ts'
import { labelsJson, seriesId } from '../../../../collector/receive/narrow-rows.ts'
import { addRow, addTyped } from '../points.ts'

/** `end` marks an end. */
export type Value = number | 'end'
export interface Sampled {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [timeMs: number, value: Value])[]
}

const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 1_000 }).map((n): Value => n / 8) },
  { weight: 4, arbitrary: fc.integer({ min: -1e7, max: 1e7 }).map((n): Value => n / 16) },
  { weight: 1, arbitrary: fc.constantFrom<Value>(Number.NaN, Infinity, -Infinity) },
  { weight: 1, arbitrary: fc.constant<Value>('end') },
)
/**
 * Mostly in step, at times twice as long, at times a gap. No window ends 1.1 steps after a sample: there the
 * engine, which counts whole ms, and Prometheus, which multiplies, may round to different sides.
 */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant(10_007) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 400_000 }) },
)

/** Samples whose values only rise, but for resets, or any. */
export const samplesFrom = (startMs: number, values = value) =>
  fc
    .record({
      first: fc.integer({ min: 0, max: 100_000 }),
      all: fc.array(fc.tuple(step, values), { minLength: 1, maxLength: 60 }),
      rises: fc.boolean(),
    })
    .map(({ first, all, rises }) => {
      let timeMs = startMs + first
      let sum = 0
      return all.map(([stepMs, each], i): [number, Value] => {
        timeMs += stepMs
        if (!rises || typeof each !== 'number' || !Number.isFinite(each)) return [timeMs, each]
        sum = i % 17 === 16 ? 0 : sum + Math.abs(each)
        return [timeMs, sum]
      })
    })

export const finite = fc.integer({ min: -1e7, max: 1e7 }).map((n): Value => n / 16)

const stale = new Float64Array(new BigUint64Array([STALE_BITS]).buffer)
const measured = new Float64Array(new BigUint64Array([NOT_A_NUMBER]).buffer)

/** As a source of leaves gives them, with what is in (fromMs, toMs]. */
export function sampleSeries(
  { labels, samples }: Sampled,
  fromMs = -Infinity,
  toMs = Infinity,
): SampleSeries {
  const within = samples.filter(([ms]) => ms > fromMs && ms <= toMs)
  const values = new Float64Array(within.length)
  const bits = new BigUint64Array(values.buffer)
  for (const [i, [, each]] of within.entries()) {
    if (each === 'end') bits[i] = new BigUint64Array(stale.buffer)[0]!
    else if (Number.isNaN(each)) bits[i] = new BigUint64Array(measured.buffer)[0]!
    else values[i] = each
  }
  return {
    labels: Labels.of(labels),
    times: Float64Array.from(within, ([ms]) => ms),
    values,
  }
}

export function addNarrow(batch: ColumnBatch, { labels, samples }: Sampled, tenant = ''): void {
  const { __name__: name = '', ...others } = labels
  const pairs = Object.entries(others).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const series = seriesId(tenant, name, pairs)
  addRow(batch, seriesShape, {
    tenant,
    series,
    name,
    kind: 'untyped',
    labels: labelsJson(pairs),
    first_seen: samples[0]![0],
    last_seen: samples.at(-1)![0],
  })
  const points = batch.table(pointShape)
  for (const [ms, each] of samples) {
    const row = points.append([tenant, series, ms, each === 'end' ? Number.NaN : each])
    if (each !== 'end' && Number.isNaN(each)) points.setNotANumber(POINT_VALUE, row)
  }
}

/** A container with these as its CPU time; the rows between have other columns. */
export function addContainer(
  batch: ColumnBatch,
  entity: bigint,
  attributes: Readonly<Record<string, string>>,
  samples: Sampled['samples'],
  endedMs?: number,
  tenant = '',
): void {
  addRow(batch, entityShape, {
    tenant,
    kind: 'container',
    entity,
    attributes: JSON.stringify(attributes),
    first_seen: samples[0]![0],
    last_seen: samples.at(-1)![0],
    ...(endedMs !== undefined && { ended_ms: endedMs }),
  })
  for (const [ms, each] of samples) {
    if (each === 'end') continue
    addTyped(batch, container, entity, ms, { tenant, cpu_usage_seconds: each })
    // The same pass in another request, and a pass without the column.
    addTyped(batch, container, entity, ms, { tenant, memory_usage_bytes: 7 })
    addTyped(batch, container, entity, ms + 1, { tenant, memory_usage_bytes: 8 })
  }
}
