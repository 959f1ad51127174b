/** What is asked of a server by its client, and what holds for questions to either kind of store. */
import { buffer } from 'node:stream/consumers'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { limits } from '../../catalog/limit.ts'
import type { NativeAnswer } from './native-answer.ts'
import { readNative } from './native-read.ts'
import type { Store } from './store.ts'
import { StoreError } from './store-error.ts'

export const DATABASE = 'candor'

/** What holds for every query, on either kind of store. */
export const QUERY_SETTINGS: ClickHouseSettings = {
  max_execution_time: limits.queryMs.value / 1_000,
  max_memory_usage: String(limits.queryMemoryBytes.value),
  max_result_rows: String(limits.queryRows.value),
  output_format_json_quote_64bit_integers: 1,
}

/** Rows of one SELECT. Throws StoreError. */
export async function askRows<T>(
  client: ClickHouseClient,
  sql: string,
  params: Readonly<Record<string, unknown>>,
): Promise<T[]> {
  try {
    const result = await client.query({ query: sql, query_params: params, format: 'JSONEachRow' })
    return await result.json<T>()
  } catch (cause) {
    throw new StoreError('ERR_STORE_QUERY', 'query failed', { cause })
  }
}

/** One SELECT, column by column. Throws StoreError. */
export async function askColumns(
  client: ClickHouseClient,
  sql: string,
  params: Readonly<Record<string, unknown>>,
  settings: readonly string[],
): Promise<NativeAnswer> {
  try {
    const { stream } = await client.exec({
      query: `${withSettings(sql, settings)}\nFORMAT Native`,
      query_params: params,
    })
    return readNative(await buffer(stream))
  } catch (cause) {
    throw new StoreError('ERR_STORE_QUERY', 'query failed', { cause })
  }
}

export const withSettings = (sql: string, settings: readonly string[]): string =>
  settings.length === 0 ? sql : `${sql}\nSETTINGS ${settings.join(', ')}`

/** Runs one statement of our own. Throws StoreError. */
export async function runStatement(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (cause) {
    throw new StoreError('ERR_STORE_QUERY', 'statement failed', { cause })
  }
}

export async function readDetachedParts(store: Pick<Store, 'query'>): Promise<number | undefined> {
  const [row] = await store.query<{ parts: string }>(
    'SELECT count() AS parts FROM system.detached_parts WHERE database = currentDatabase()',
    {},
    { session: 'evaluate' },
  )
  return row === undefined ? undefined : Number(row.parts)
}

/** Whose query it is: every query on a table of tenants has one as a parameter. */
export const callerOf = ({ tenant }: Readonly<Record<string, unknown>>): string =>
  typeof tenant === 'string' ? tenant : ''
