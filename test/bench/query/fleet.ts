/**
 * The same samples for a store and for Prometheus, all of them figures of a formula: containers on machines
 * of 50 with a CPU time that starts anew at times and a use of memory, and a histogram of 100 instances. A
 * sample a minute for a day, and one every 10 s for its last hour.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { seriesId, labelsJson, type LabelPairs } from '../../../collector/receive/narrow-rows.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { entityShape, pointShape, seriesShape } from '../../../collector/store/schema.ts'
import type { Store } from '../../../collector/store/store.ts'
import { addRow } from '../../collector/query/points.ts'

export const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 2_500)
/** As a busy receiver stores them at once. */
const ROWS_AT_ONCE = 60_000
const OF_MACHINE = 50
const INSTANCES = 100
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf']
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Unix ms of the last sample. */
export const endMs = Math.floor(Date.now() / 60_000) * 60_000
const times: readonly number[] = [
  ...Array.from({ length: 23 * 60 }, (_, i) => endMs - DAY_MS + i * 60_000),
  ...Array.from({ length: 361 }, (_, i) => endMs - HOUR_MS + i * 10_000),
]

const machineOf = (c: number) => `m${Math.floor(c / OF_MACHINE)}`
const pathOf = (c: number) => `/docker/${createHash('sha256').update(String(c)).digest('hex')}`
/** Of the position of a sample. */
const cpuOf = (c: number, i: number) => ((i * (1 + (c % 4))) % 5_000) / 4
const memoryOf = (c: number, i: number) => 100_000_000 + ((c * 7_919 + i * 104_729) % 1_000) * 4_096

const bucketLabels = (s: number, b: number): LabelPairs => [
  ['instance', `a${s}`],
  ['job', 'web'],
  ['le', BOUNDS[b]!],
]
const bucketOf = (s: number, b: number, i: number) => i * (1 + (s % 3)) * (b + 1)

/** What passes and remote write would have stored. */
export async function fillStore(store: Store): Promise<void> {
  const batch = new ColumnBatch()
  for (let c = 0; c < CONTAINERS; c++) {
    addRow(batch, entityShape, {
      kind: 'container',
      entity: BigInt(c) * 7_368_787_213n + 1n,
      attributes: JSON.stringify({
        'host.id': machineOf(c),
        'host.name': machineOf(c),
        'candor.cgroup.path': pathOf(c),
        'candor.cgroup.inode': String(c),
        'candor.cgroup.level': 'container',
        'container.name': `c${c}`,
        'container.image.name': `image-${c % 7}`,
      }),
      first_seen: times[0]!,
      last_seen: endMs,
    })
  }
  for (let s = 0; s < INSTANCES; s++) {
    for (let b = 0; b < BOUNDS.length; b++) {
      addRow(batch, seriesShape, {
        series: seriesId('', 'http_duration_seconds_bucket', bucketLabels(s, b)),
        name: 'http_duration_seconds_bucket',
        kind: 'counter',
        labels: labelsJson(bucketLabels(s, b)),
        first_seen: times[0]!,
        last_seen: endMs,
      })
    }
  }
  await store.insertRows(batch)
  const passes = Math.max(1, Math.floor(ROWS_AT_ONCE / CONTAINERS))
  for (const [first, count, startMs, stepMs] of [
    [0, 23 * 60, endMs - DAY_MS, 60_000],
    [23 * 60, 361, endMs - HOUR_MS, 10_000],
  ] as const) {
    for (let from = 0; from < count; from += passes) {
      await store.command(
        `INSERT INTO container (tenant, entity, ts, cpu_usage_seconds, memory_usage_bytes)
         SELECT '', c.number * 7368787213 + 1,
           fromUnixTimestamp64Milli(toInt64(${startMs} + i.number * ${stepMs})),
           ((i.number + ${first}) * (1 + c.number % 4)) % 5000 / 4,
           100000000 + ((c.number * 7919 + (i.number + ${first}) * 104729) % 1000) * 4096
         FROM numbers(${from}, ${Math.min(passes, count - from)}) AS i, numbers(${CONTAINERS}) AS c`,
      )
    }
  }
  for (let s = 0; s < INSTANCES; s++) {
    const points = new ColumnBatch()
    const table = points.table(pointShape)
    for (let b = 0; b < BOUNDS.length; b++) {
      const id = seriesId('', 'http_duration_seconds_bucket', bucketLabels(s, b))
      for (const [i, ms] of times.entries()) table.append(['', id, ms, bucketOf(s, b, i)])
    }
    await store.insertRows(points)
  }
}

/** OpenMetrics with times, for `promtool tsdb create-blocks-from openmetrics`. */
export async function writeOpenMetrics(path: string): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  const write = async (text: string) => {
    if (!file.write(text)) await once(file, 'drain')
  }
  const seconds = times.map((ms) => String(ms / 1_000))
  const series = (name: string, labels: string, value: (i: number) => number) =>
    write(seconds.map((at, i) => `${name}{${labels}} ${value(i)} ${at}\n`).join(''))
  const labelsOf = (c: number) =>
    `id="${pathOf(c)}",image="image-${c % 7}",instance="${machineOf(c)}",job="candor",name="c${c}"`
  await write('# TYPE container_cpu_usage_seconds counter\n')
  for (let c = 0; c < CONTAINERS; c++) {
    const labels = `cpu="total",${labelsOf(c)}`
    await series('container_cpu_usage_seconds_total', labels, (i) => cpuOf(c, i))
  }
  await write('# TYPE container_memory_usage_bytes gauge\n')
  for (let c = 0; c < CONTAINERS; c++) {
    await series('container_memory_usage_bytes', labelsOf(c), (i) => memoryOf(c, i))
  }
  await write('# TYPE http_duration_seconds histogram\n')
  for (let s = 0; s < INSTANCES; s++) {
    for (let b = 0; b < BOUNDS.length; b++) {
      const labels = bucketLabels(s, b).map(([name, value]) => `${name}="${value}"`)
      await series('http_duration_seconds_bucket', labels.join(','), (i) => bucketOf(s, b, i))
    }
  }
  file.end('# EOF\n')
  await once(file, 'finish')
}
