/**
 * The embedded engine as a store.
 *
 * One session runs one statement at a time, so there are four on the directory: inserts and DDL,
 * queries of people, evaluations, what runs in the background. Statements with parameters take turns across all sessions inside the
 * binding (it keeps parameters in one place), so `max_execution_time` is also the longest that an
 * evaluation waits behind a query.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { limits } from '../../catalog/limit.ts'
import { arrowInsert } from './arrow.ts'
import { askColumns, askRows, callerOf, DATABASE, readDetachedParts, runStatement } from './ask.ts'
import type { ColumnBatch } from './columns.ts'
import { type Chdb, engineXml, loadEngine, type Session, xmlText } from './engine.ts'
import type { NativeAnswer } from './native-answer.ts'
import type { Store, StoreSession } from './store.ts'
import { insertFailed, StoreError } from './store-error.ts'
import { Turns } from './turns.ts'

/**
 * Settings of the ingest session: an insert is in parts on disk when it returns, a NULL stays one. Rows
 * of one insert with the same key become one when parts are merged: to do that in the insert takes many
 * times what the insert itself takes.
 */
const INGEST_SETTINGS = 'SET async_insert = 0, insert_null_as_default = 0, optimize_on_insert = 0'

export interface EmbeddedOptions {
  /** Directory that BACKUP may write to and RESTORE may read; absent where neither is meant. */
  readonly backups?: string
}

export async function openEmbedded(
  path: string,
  { backups }: EmbeddedOptions = {},
): Promise<Store> {
  const directory = resolve(path)
  const { chdb, connect } = await loadEngine()
  const holder = lockHolder(directory)
  if (holder !== undefined) throw locked(directory, holder)
  try {
    await makeDirectory(directory)
    const config = await writeConfig(directory, backups)
    const ingest = new chdb.Session(directory, { connectionArgs: [`--config-file=${config}`] })
    await ingest.queryAsync(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
    await ingest.queryAsync(`USE ${DATABASE}`)
    await ingest.queryAsync(INGEST_SETTINGS)
    const clients = {
      query: connect(directory),
      evaluate: connect(directory),
      background: connect(directory),
    }
    for (const client of Object.values(clients)) await client.command({ query: `USE ${DATABASE}` })
    return new EmbeddedStore(directory, chdb, ingest, clients)
  } catch (cause) {
    const winner = lockHolder(directory)
    if (winner !== undefined) throw locked(directory, winner)
    // Of a directory that it refuses the engine tells the reason on stderr only.
    const isRefused = (cause as { readonly code?: unknown }).code === 'CHDB_CONNECTION'
    const where = isRefused ? ', the line before this one says why' : ''
    throw new StoreError('ERR_STORE_OPEN', `cannot open ${directory}${where}`, { cause })
  }
}

/** The engine takes these settings from a file alone; it is in the store's own directory. */
async function writeConfig(directory: string, backups: string | undefined): Promise<string> {
  const file = join(directory, backups === undefined ? 'candor.xml' : 'candor-backups.xml')
  const path = backups === undefined ? undefined : xmlText(backups)
  const allowed =
    path === undefined ? '' : `<backups><allowed_path>${path}</allowed_path></backups>`
  const text = engineXml(allowed)
  // Where it is as it should be there need be no room to write it.
  if ((await readFile(file, 'utf8').catch(() => '')) !== text) await writeFile(file, text)
  return file
}

/** As `mkdir -p`; Node's own never returns where a directory exists but takes no others, as in /proc. */
async function makeDirectory(directory: string): Promise<void> {
  if (existsSync(directory)) return
  const parent = dirname(directory)
  if (!existsSync(parent)) await makeDirectory(parent)
  await mkdir(directory)
}

class EmbeddedStore implements Store {
  readonly describe: string
  readonly #chdb: Chdb
  readonly #ingest: Session
  readonly #clients: Readonly<Record<StoreSession, ClickHouseClient>>
  readonly #turns: Readonly<Record<StoreSession | 'ingest', Turns>>

  constructor(
    directory: string,
    chdb: Chdb,
    ingest: Session,
    clients: Readonly<Record<StoreSession, ClickHouseClient>>,
  ) {
    this.describe = `embedded, ${directory}`
    this.#chdb = chdb
    this.#ingest = ingest
    this.#clients = clients
    const turns = () => new Turns(1, limits.queriesWaiting.value)
    this.#turns = { ingest: turns(), query: turns(), evaluate: turns(), background: turns() }
  }

  insertRows(batch: ColumnBatch): Promise<void> {
    return this.#turns.ingest.run(async () => {
      for (const table of batch.filled()) {
        const { connection } = this.#ingest
        try {
          const { columns, sql } = arrowInsert(table, 'batch')
          this.#chdb._arrowRegisterColumns(connection, 'batch', columns)
          try {
            await this.#ingest.queryAsync(sql)
          } finally {
            this.#chdb._arrowUnregister(connection, 'batch')
          }
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
    return this.#ask(session, params, (client) => askRows<T>(client, sql, params))
  }

  queryColumns(
    sql: string,
    params: Readonly<Record<string, unknown>> = {},
    { session = 'query' }: { session?: StoreSession } = {},
  ): Promise<NativeAnswer> {
    return this.#ask(session, params, (client) => askColumns(client, sql, params))
  }

  #ask<T>(
    session: StoreSession,
    params: Readonly<Record<string, unknown>>,
    ask: (client: ClickHouseClient) => Promise<T>,
  ): Promise<T> {
    const client = this.#clients[session]
    return this.#turns[session].run(async () => {
      try {
        return await ask(client)
      } catch (error) {
        // What a failed query had put out already would come before the next answer of the session.
        await client.command({ query: 'SELECT 1' }).catch(() => {})
        throw error
      }
    }, callerOf(params))
  }

  command(sql: string, { session }: { session?: StoreSession } = {}): Promise<void> {
    if (session === undefined) {
      return this.#turns.ingest.run(() => runStatement(() => this.#ingest.queryAsync(sql)))
    }
    const client = this.#clients[session]
    return this.#turns[session].run(() => runStatement(() => client.command({ query: sql })))
  }

  detachedParts(): Promise<number | undefined> {
    return readDetachedParts(this)
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#turns).map((turns) => turns.drained()))
    for (const client of Object.values(this.#clients)) await client.close()
    this.#ingest.close()
    await this.#chdb.drainPending()
  }
}

/**
 * Pid of another process that holds the lock of a data directory. The engine keeps a lock on its file
 * `status` and says on stderr only that it is taken; /proc/locks tells whose it is.
 */
function lockHolder(directory: string): number | undefined {
  try {
    const { ino } = statSync(join(directory, 'status'))
    const owner = Number(/^PID: (\d+)$/m.exec(readFileSync(join(directory, 'status'), 'utf8'))?.[1])
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , , pid, file] = line.trim().split(/\s+/)
      if (kind !== 'FLOCK' || Number(file?.split(':')[2]) !== ino) continue
      if (Number(pid) === owner && owner !== process.pid) return owner
    }
  } catch {
    // No status file: nobody has it. No /proc/locks: not Linux, the engine's refusal must do.
  }
  return undefined
}

const locked = (directory: string, pid: number) =>
  new StoreError('ERR_STORE_LOCKED', `${directory} is open in another process (pid ${pid})`)
