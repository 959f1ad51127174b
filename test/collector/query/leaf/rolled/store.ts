/** Forty days of a machine, two containers and some series in a store; their rollups; and what goes in time. */
import { container } from '../../../../../catalog/tables/container.ts'
import { machine } from '../../../../../catalog/tables/machine.ts'
import { columnOf } from '../../../../../catalog/tables.ts'
import type { Table } from '../../../../../catalog/metric.ts'
import { ColumnBatch } from '../../../../../collector/store/columns.ts'
import { dropOld, type Retention } from '../../../../../collector/store/retention.ts'
import { Rollups } from '../../../../../collector/store/rollup/rollups.ts'
import {
  entityShape,
  firstMetric,
  pointShape,
  seriesShape,
  typedShape,
} from '../../../../../collector/store/schema.ts'
import type { Store } from '../../../../../collector/store/store.ts'
import { labelsJson, seriesId } from '../../../../../collector/receive/narrow-rows.ts'
import { OwnMetrics } from '../../../../../collector/web/self-metrics.ts'
import { addRow } from '../../points.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const NOW = Date.UTC(2026, 10, 11, 6, 17, 30)
export const FROM = Date.UTC(2026, 9, 2)
/** Of weeks the minutes that are a part of two and a half. */
export const RETENTION: Retention = { raw: 15 * DAY, minutes: 25 * DAY, hours: 400 * DAY }
export const SAMPLES_FROM = Date.UTC(2026, 9, 27)
export const MINUTES_FROM = Date.UTC(2026, 9, 12)

/** No sample lies where a window begins. */
const FIRST = 7_000
export const EVERY = 30_000

/** When something is sent, beside borders and of late: an hour of rollups takes the engine a while to make. */
const SENT = [
  [FROM, FROM + 9 * HOUR],
  [MINUTES_FROM - 5 * HOUR, MINUTES_FROM - 2 * HOUR],
  [MINUTES_FROM + HOUR, MINUTES_FROM + 5 * HOUR],
  [SAMPLES_FROM - 15 * HOUR, SAMPLES_FROM - 12 * HOUR],
  [SAMPLES_FROM - 2 * HOUR, SAMPLES_FROM - HOUR],
  [SAMPLES_FROM - 29 * MINUTE, SAMPLES_FROM + 3 * HOUR],
  [NOW - 10 * HOUR, NOW - 3 * HOUR],
  [NOW - 168 * MINUTE, NOW],
] as const
const isSilent = (ms: number) => !SENT.some(([from, to]) => ms >= from && ms < to)
/** Ends of silences. */
export const BEGINNINGS = SENT.map(([from]) => from)

/** When a second machine is silent beside: across both borders. */
const ALONE = [
  [MINUTES_FROM - 4 * HOUR, MINUTES_FROM + 3 * HOUR],
  [SAMPLES_FROM - 90 * MINUTE, SAMPLES_FROM + 2 * HOUR],
] as const

/** When the container at its path is another one. */
export const ANEW = Date.UTC(2026, 9, 26, 10, 20)

const GAUGE = 'room_celsius'
const COUNTERS = ['shop_requests_total', 'shop_errors_total'] as const

/** Integers, that are the same at every run. */
function* randoms(seed: number): Generator<number> {
  for (let state = seed; ;) yield (state = (state * 48_271) % 2_147_483_647)
}

export async function fill(store: Store, tenant = ''): Promise<void> {
  const random = randoms(tenant.length + 1)
  const next = (most: number) => random.next().value! % most
  const series = [GAUGE, ...COUNTERS].map((name) => ({
    name,
    id: seriesId(tenant, name, [['site', 'a']]),
  }))
  const first = new ColumnBatch()
  for (const { name, id } of series) {
    addRow(first, seriesShape, {
      tenant,
      series: id,
      name,
      kind: name === GAUGE ? 'gauge' : 'counter',
      labels: labelsJson([['site', 'a']]),
      first_seen: FROM,
      last_seen: NOW,
    })
  }
  const entity = (id: bigint, kind: string, attributes: object, from: number, to: number) =>
    addRow(first, entityShape, {
      tenant,
      kind,
      entity: id,
      attributes: JSON.stringify(attributes),
      first_seen: from,
      last_seen: to,
      ...(to < NOW && { ended_ms: to }),
    })
  const place = { 'host.name': 'm1', 'candor.cgroup.path': '/shop' }
  entity(1n, 'machine', { 'host.name': 'm1' }, FROM, NOW)
  entity(4n, 'machine', { 'host.name': 'm2' }, FROM, NOW)
  const lone = { 'host.name': 'm2', 'candor.cgroup.path': '/lone' }
  entity(5n, 'container', lone, FROM, NOW)
  entity(2n, 'container', place, FROM, ANEW)
  entity(3n, 'container', place, ANEW, NOW)
  await store.insertRows(first)
  const counted = { cpu: 0, requests: 0, errors: 0 }
  let celsius = 20
  const batch = new ColumnBatch()
  for (let ms = FROM + FIRST; ms <= NOW; ms += EVERY) {
    if (isSilent(ms)) continue
    // A counter begins anew now and then, and a container when it does.
    if (next(5_000) === 0) counted.requests = next(3)
    if (ms - EVERY < ANEW && ms >= ANEW) counted.cpu = 0
    counted.cpu += next(64) / 64
    counted.requests += 5 + next(20)
    counted.errors += next(10) === 0 ? 1 : 0
    celsius += (next(65) - 32) / 32
    const memory = 1_000 * (50 + (Math.floor(ms / HOUR) % 24)) + next(100)
    typed(batch, machine, tenant, 1n, ms, { load1: next(512) / 64, cpu_cores: 8 })
    if (!ALONE.some(([from, to]) => ms >= from && ms < to)) {
      typed(batch, machine, tenant, 4n, ms, { cpu_cores: 4 })
    }
    typed(batch, container, tenant, ms < ANEW ? 2n : 3n, ms, {
      cpu_usage_seconds: counted.cpu,
      memory_working_set_bytes: memory,
    })
    typed(batch, container, tenant, 5n, ms, { memory_working_set_bytes: 2 * memory })
    const values = [celsius, counted.requests, counted.errors]
    for (const [i, { id }] of series.entries()) {
      batch.table(pointShape).append([tenant, id, ms, values[i]!])
    }
  }
  await store.insertRows(batch)
}

function typed(
  batch: ColumnBatch,
  table: Table,
  tenant: string,
  entity: bigint,
  ms: number,
  values: Readonly<Record<string, number>>,
): void {
  const rows = batch.table(typedShape(table))
  const row = rows.append([tenant, entity, ms])
  for (const [column, value] of Object.entries(values)) {
    rows.setNumber(firstMetric(table) + columnOf(table, column), row, value)
  }
}

export interface Upkept {
  /** What retention drops now. */
  drop(): Promise<void>
}

/** Rolled up as far as it is at the time. */
export async function rolledUp(store: Store): Promise<Upkept> {
  const own = new OwnMetrics()
  const rollups = new Rollups({ store, own, now: () => NOW })
  await rollups.round()
  return {
    drop: () =>
      dropOld(
        { store, own, retention: RETENTION, madeMs: (table) => rollups.minutesMs(table) },
        NOW,
      ),
  }
}
