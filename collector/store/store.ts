/**
 * Where the collector keeps everything: a ClickHouse server, or the embedded engine on a directory.
 * Same schema, same queries, same client; they differ in how rows get in.
 */
import type { ClickHouseSettings } from '@clickhouse/client'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import type { ColumnBatch } from './columns.ts'
import { migrate } from './migrate.ts'

export const DATABASE = 'candor'

/** Who asks: queries of people do not wait behind evaluations, nor these behind them. */
export type StoreSession = 'query' | 'evaluate'

export interface Store {
  /** For people: where the rows are. */
  readonly describe: string
  /** Resolves when all rows are durable; the batch must be left alone until then. */
  insertRows(batch: ColumnBatch): Promise<void>
  /**
   * One SELECT; values come in as `{name:Type}` parameters, never as text. 64-bit integers come out as
   * text, NULL and NaN as null, times as text in UTC.
   */
  query<T>(
    sql: string,
    params?: Readonly<Record<string, unknown>>,
    options?: { readonly session?: StoreSession },
  ): Promise<T[]>
  /** One statement of our own DDL. */
  command(sql: string): Promise<void>
  /** Parts that the engine set aside as damaged; undefined where it does not tell. */
  detachedParts(): Promise<number | undefined>
  close(): Promise<void>
}

export type StoreOptions =
  | { readonly path: string }
  | { readonly url: string; readonly username?: string; readonly passwordFile?: string }

/** Throws StoreError with ERR_STORE_MISSING, ERR_STORE_LOCKED or ERR_STORE_OPEN. */
export async function openStore(options: StoreOptions, log: Log): Promise<Store> {
  const store =
    'path' in options
      ? await (await import('./embedded.ts')).openEmbedded(options.path)
      : await (await import('./server.ts')).openServer(options)
  try {
    await migrate(store)
  } catch (error) {
    await store.close()
    throw error
  }
  log.info({ store: store.describe }, 'store is open')
  return store
}

/** What holds for every query, on either kind of store. */
export const QUERY_SETTINGS: ClickHouseSettings = {
  max_execution_time: limits.queryMs.value / 1_000,
  max_memory_usage: String(limits.queryMemoryBytes.value),
  max_result_rows: String(limits.queryRows.value),
  output_format_json_quote_64bit_integers: 1,
}

export async function readDetachedParts(store: Pick<Store, 'query'>): Promise<number | undefined> {
  const [row] = await store.query<{ parts: string }>(
    'SELECT count() AS parts FROM system.detached_parts WHERE database = currentDatabase()',
    {},
    { session: 'evaluate' },
  )
  return row === undefined ? undefined : Number(row.parts)
}
