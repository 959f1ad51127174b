/** A ClickHouse server over HTTP. */
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client'
import { limits } from '../../catalog/limit.ts'
import {
  askColumns,
  askRows,
  callerOf,
  DATABASE,
  QUERY_SETTINGS,
  readDetachedParts,
  runStatement,
} from './ask.ts'
import type { ColumnBatch } from './columns.ts'
import { nativeBlock } from './native.ts'
import type { NativeAnswer } from './native-answer.ts'
import { runEndable } from './endable.ts'
import type { ColumnsOptions, Store, StoreOptions, StoreSession } from './store.ts'
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
          const { columns, pieces } = nativeBlock(table)
          const { stream } = await this.#client.exec({
            query: `INSERT INTO ${table.shape.table} (${columns.join(', ')}) FORMAT Native`,
            values: Readable.from(pieces, { objectMode: false }),
            clickhouse_settings: INSERT_SETTINGS,
          })
          await finished(stream.resume())
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

  queryColumns(
    sql: string,
    params: Readonly<Record<string, unknown>> = {},
    { session = 'query', settings = [], signal }: ColumnsOptions = {},
  ): Promise<NativeAnswer> {
    const command = (ended: string) => this.#client.command({ query: ended })
    const ask = () =>
      runEndable({ signal, command }, (more) =>
        askColumns(this.#client, sql, params, [...settings, ...more]),
      )
    return this.#turns[session].run(ask, callerOf(params))
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
