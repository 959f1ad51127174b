/** A ClickHouse server over HTTP. */
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client'
import { limits } from '../../catalog/limit.ts'
import {
  askRows,
  callerOf,
  DATABASE,
  QUERY_SETTINGS,
  readDetachedParts,
  runStatement,
} from './ask.ts'
import type { ColumnBatch, TableColumns, Values } from './columns.ts'
import type { Column } from './shape.ts'
import type { Store, StoreOptions, StoreSession } from './store.ts'
import { insertFailed, StoreError } from './store-error.ts'
import { Turns } from './turns.ts'

/** Queries of one kind that run at a time. */
const WIDTH = 4
const BACKGROUND_WIDTH = 1

/** An insert is in parts on disk when it returns, a NULL stays one. */
const INSERT_SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  input_format_null_as_default: 0,
  optimize_on_insert: 0,
}

/** An insert is on its shards when it returns, and what a query looks up is sent along to them. */
const CLUSTER_SETTINGS: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  distributed_product_mode: 'global',
}

export async function openServer(
  options: Extract<StoreOptions, { readonly url: string }>,
): Promise<Store> {
  const { host } = new URL(options.url)
  try {
    const connect = await connector(options)
    const first = connect()
    await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
    await first.close()
    return new ServerStore(host, connect(DATABASE))
  } catch (cause) {
    throw new StoreError('ERR_STORE_OPEN', `cannot use the server at ${host}`, { cause })
  }
}

async function connector({
  url,
  username,
  passwordFile,
  cluster,
}: Extract<StoreOptions, { readonly url: string }>): Promise<
  (database?: string) => ClickHouseClient
> {
  const password =
    passwordFile === undefined ? undefined : (await readFile(passwordFile, 'utf8')).trimEnd()
  return (database) =>
    createClient({
      url,
      application: 'candor',
      // Errors are thrown; the client would print them a second time.
      log: { level: ClickHouseLogLevel.OFF },
      // The server's own limits come first and say more than a broken connection.
      request_timeout: limits.rollupMs.value + 10_000,
      compression: { request: true, response: true },
      clickhouse_settings: {
        ...QUERY_SETTINGS,
        ...(cluster !== undefined && CLUSTER_SETTINGS),
        wait_end_of_query: 1,
      },
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(database !== undefined && { database }),
    })
}

class ServerStore implements Store {
  readonly describe: string
  readonly #client: ClickHouseClient
  readonly #turns: Readonly<Record<StoreSession | 'ingest', Turns>>

  constructor(host: string, client: ClickHouseClient) {
    this.describe = `server, ${host}`
    this.#client = client
    const turns = (width: number) => new Turns(width, limits.queriesWaiting.value)
    this.#turns = {
      ingest: turns(1),
      query: turns(WIDTH),
      evaluate: turns(WIDTH),
      background: turns(BACKGROUND_WIDTH),
    }
  }

  insertRows(batch: ColumnBatch): Promise<void> {
    return this.#turns.ingest.run(async () => {
      for (const table of batch.filled()) {
        try {
          await this.#client.insert({
            table: table.shape.table,
            columns: columnNames(table),
            values: Readable.from(rowsOf(table)),
            format: 'JSONCompactEachRow',
            clickhouse_settings: INSERT_SETTINGS,
          })
        } catch (cause) {
          throw insertFailed(table.shape.table, cause)
        }
      }
    })
  }

  query<T>(
    sql: string,
    params: Readonly<Record<string, unknown>> = {},
    { session = 'query' }: { session?: StoreSession } = {},
  ): Promise<T[]> {
    return this.#turns[session].run(() => askRows<T>(this.#client, sql, params), callerOf(params))
  }

  command(sql: string, { session }: { session?: StoreSession } = {}): Promise<void> {
    const turns = this.#turns[session ?? 'ingest']
    return turns.run(() => runStatement(() => this.#client.command({ query: sql })))
  }

  detachedParts(): Promise<number | undefined> {
    return readDetachedParts(this)
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#turns).map((turns) => turns.drained()))
    await this.#client.close()
  }
}

/** The client wants to be shown that there is at least one. */
const columnNames = ({ shape }: TableColumns) =>
  shape.columns.map(({ name }) => name) as [string, ...string[]]

/** Rows as JSON arrays; JSON.stringify makes NaN null. */
function* rowsOf(table: TableColumns): Generator<unknown[]> {
  const columns = table.shape.columns.map((column, i) => jsonOf(column, table.values(i)))
  for (let row = 0; row < table.length; row++) yield columns.map((value) => value(row))
}

function jsonOf({ type }: Column, values: Values): (row: number) => unknown {
  switch (type) {
    case 'id':
      return (row) => String(values[row])
    case 'time':
      // Seconds as text, for a number with a fraction is refused.
      return (row) => (Number(values[row]) / 1_000).toFixed(3)
    case 'map':
    case 'numbers':
      return (row) => JSON.parse(String(values[row])) as unknown
    case 'value':
      return (row) => (Number.isFinite(values[row]) ? values[row] : String(values[row]))
    case 'number':
    case 'text':
      return (row) => values[row]
  }
}
