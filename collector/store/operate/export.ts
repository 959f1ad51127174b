/**
 * A table, or a range of time of it, as a Parquet file that any other program reads. Sketches, which
 * only this engine understands, are left out.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { literal } from '../column-sql.ts'
import { StoreError } from '../store-error.ts'
import type { Store } from '../store.ts'

export interface ExportRange {
  readonly table: string
  /** Unix ms, [from, to); of tables that have a time. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** Rows that were written to `file`, which must not exist. Throws StoreError. */
export async function exportTable(
  store: Pick<Store, 'query' | 'command'>,
  { table, fromMs, toMs }: ExportRange,
  file: string,
): Promise<number> {
  const columns = await store.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns
     WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`,
    { table },
  )
  if (columns.length === 0) {
    throw new StoreError('ERR_STORE_QUERY', `there is no table ${JSON.stringify(table)}`)
  }
  const names = columns.flatMap(({ name, type }) =>
    type.startsWith('AggregateFunction') ? [] : [name],
  )
  const time = ['ts', 'start', 'since', 'last_seen'].find((name) => names.includes(name))
  if (time === undefined && (fromMs ?? toMs) !== undefined) {
    throw new StoreError('ERR_STORE_QUERY', `${table} has no time to choose a range by`)
  }
  const bound = (sign: string, ms: number | undefined) =>
    ms === undefined ? [] : [`${time} ${sign} fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`]
  const conditions = [...bound('>=', fromMs), ...bound('<', toMs)]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  // The table is one of the store's own, as was just seen.
  const rows = `FROM ${table} FINAL${where}`
  if (existsSync(file)) throw new StoreError('ERR_STORE_QUERY', `${file} is there already`)
  try {
    await store.command(
      `INSERT INTO FUNCTION file(${literal(file)}, 'Parquet') SELECT ${names.join(', ')} ${rows}
       SETTINGS max_threads = 1, engine_file_allow_create_multiple_files = 0, engine_file_truncate_on_insert = 0`,
    )
    // The engine does not see that the disk is full: a file that cannot be read is no export.
    const [row] = await store.query<{ n: number }>(
      `SELECT toFloat64(count()) AS n FROM file(${literal(file)}, 'Parquet')`,
    )
    return row?.n ?? 0
  } catch (cause) {
    await rm(file, { force: true })
    throw new StoreError('ERR_STORE_QUERY', `cannot write ${file}, the disk may be full`, { cause })
  }
}
