/** What a store holds: by table rows, samples, size, age; and how it will grow. */
import { type Disk, readDisk } from '../disk.ts'
import { POINT, rolledTables } from '../rollup/rolled.ts'
import { type Partition, readPartitions, type Retention, spanOf } from '../retention.ts'
import type { Store } from '../store.ts'
import { type Forecast, forecast } from './forecast.ts'

export interface TableStats {
  readonly table: string
  readonly rows: number
  readonly bytes: number
  readonly partitions: number
  /** Unix ms of the start of the oldest partition and of the end of the newest. */
  readonly fromMs?: number
  readonly toMs?: number
  /** Values that are there, in tables of samples. */
  readonly samples?: number
}

export interface StoreStats {
  readonly tables: readonly TableStats[]
  /** Bytes of all tables of samples by their samples. */
  readonly bytesPerSample?: number
  /** Absent where the engine does not tell: then nothing is known of when it is full. */
  readonly disk?: Disk
  readonly forecast: Forecast
}

export async function readStats(
  store: Pick<Store, 'query'>,
  retention: Retention,
  nowMs: number,
): Promise<StoreStats> {
  const partitions = await readPartitions(store)
  const disk = await readDisk(store)
  const tables: TableStats[] = []
  for (const [table, of] of Map.groupBy(partitions, (partition) => partition.table)) {
    const samples = await countSamples(store, table)
    tables.push({ ...sum(table, of), ...(samples !== undefined && { samples }) })
  }
  const withSamples = tables.filter(({ samples = 0 }) => samples > 0)
  const samples = withSamples.reduce((total, each) => total + each.samples!, 0)
  const bytes = withSamples.reduce((total, each) => total + each.bytes, 0)
  return {
    tables,
    ...(samples > 0 && { bytesPerSample: bytes / samples }),
    ...(disk !== undefined && { disk }),
    forecast: forecast(partitions, retention, disk?.freeBytes ?? Infinity, nowMs),
  }
}

function sum(table: string, of: readonly Partition[]): TableStats {
  const spans = of.flatMap((partition) => {
    const span = spanOf(partition)
    return span === undefined ? [] : [span]
  })
  return {
    table,
    rows: of.reduce((rows, each) => rows + each.rows, 0),
    bytes: of.reduce((bytes, each) => bytes + each.bytes, 0),
    partitions: of.length,
    ...(spans.length > 0 && {
      fromMs: Math.min(...spans.map(([from]) => from)),
      toMs: Math.max(...spans.map(([, to]) => to)),
    }),
  }
}

/** Only null maps are read for this; rows that were sent twice and are not merged yet count twice. */
async function countSamples(store: Pick<Store, 'query'>, table: string) {
  const rolled = rolledTables.find((each) => each.table === table)
  if (rolled === undefined) return undefined
  const counts =
    rolled === POINT ? ['count()'] : rolled.values.map(({ column }) => `count(${column})`)
  const [row] = await store.query<{ n: number }>(
    `SELECT toFloat64(${counts.join(' + ')}) AS n FROM ${table} SETTINGS max_threads = 1`,
    {},
    { session: 'background' },
  )
  return row?.n ?? 0
}
