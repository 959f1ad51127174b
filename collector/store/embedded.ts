/**
 * The embedded engine as a store.
 *
 * One session runs one statement at a time, so there are several on the directory: one for inserts and DDL,
 * some for queries of people, one for evaluations, one for what runs in the background, and one that ends
 * statements. Values go in as literals, see literals.ts.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { limits } from '../../catalog/limit.ts'
import { arrowInsert } from './arrow.ts'
import {
  callerOf,
  DATABASE,
  QUERY_SETTINGS,
  readDetachedParts,
  runStatement,
  withSettings,
} from './ask.ts'
import type { ColumnBatch } from './columns.ts'
import { runEndable } from './endable.ts'
import { type Chdb, engineXml, loadEngine, type Session, xmlText } from './engine.ts'
import { withLiterals } from './literals.ts'
import type { NativeAnswer } from './native-answer.ts'
import { readNative } from './native-read.ts'
import type { ColumnsOptions, Store, StoreSession } from './store.ts'
import { insertFailed, StoreError } from './store-error.ts'
import { Turns } from './turns.ts'

/**
 * Settings of the ingest session: an insert is in parts on disk when it returns, a NULL stays one. Rows
 * of one insert with the same key become one when parts are merged: to do that in the insert takes many
 * times what the insert itself takes.
 */
const INGEST_SETTINGS = 'SET async_insert = 0, insert_null_as_default = 0, optimize_on_insert = 0'

/** A statement with all of its values in it, in bytes. */
const LONGEST_STATEMENT = 64 << 20

const ASKING_SETTINGS = `SET ${Object.entries({
  ...QUERY_SETTINGS,
  max_query_size: LONGEST_STATEMENT,
})
  .map(([name, value]) => `${name} = ${String(value)}`)
  .join(', ')}`

/** As many queries of people run at a time; each has one of the threads that all of the process shares. */
const QUERIES = Math.max(2, Math.min(4, availableParallelism()))

export interface EmbeddedOptions {
  /** Directory that BACKUP may write to and RESTORE may read; absent where neither is meant. */
  readonly backups?: string
}

export async function openEmbedded(
  path: string,
  { backups }: EmbeddedOptions = {},
): Promise<Store> {
  const directory = resolve(path)
  const chdb = await loadEngine()
  const holder = lockHolder(directory)
  if (holder !== undefined) throw locked(directory, holder)
  try {
    await makeDirectory(directory)
    const config = await writeConfig(directory, backups)
    const ingest = new chdb.Session(directory, { connectionArgs: [`--config-file=${config}`] })
    await ingest.queryAsync(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
    await ingest.queryAsync(`USE ${DATABASE}`)
    await ingest.queryAsync(INGEST_SETTINGS)
    const open = async () => {
      const session = new chdb.Session(directory)
      await session.queryAsync(`USE ${DATABASE}`)
      await session.queryAsync(ASKING_SETTINGS)
      return session
    }
    const queries = await Promise.all(Array.from({ length: QUERIES }, open))
    const asking = { query: queries, evaluate: [await open()], background: [await open()] }
    return new EmbeddedStore(directory, chdb, ingest, asking, await open())
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
  readonly #control: Session
  readonly #asking: Readonly<Record<StoreSession, readonly Session[]>>
  readonly #free: Readonly<Record<StoreSession, Session[]>>
  readonly #turns: Readonly<Record<StoreSession | 'ingest' | 'control', Turns>>

  constructor(
    directory: string,
    chdb: Chdb,
    ingest: Session,
    asking: Readonly<Record<StoreSession, readonly Session[]>>,
    control: Session,
  ) {
    this.describe = `embedded, ${directory}`
    this.#chdb = chdb
    this.#ingest = ingest
    this.#control = control
    this.#asking = asking
    const { query, evaluate, background } = asking
    this.#free = { query: [...query], evaluate: [...evaluate], background: [...background] }
    const turns = (width: number) => new Turns(width, limits.queriesWaiting.value)
    this.#turns = {
      ingest: turns(1),
      control: turns(1),
      query: turns(query.length),
      evaluate: turns(evaluate.length),
      background: turns(background.length),
    }
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
    return this.#ask(session, params, async (one) => {
      const bytes = await answered(one, withLiterals(sql, params), 'JSONEachRow')
      const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
      return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]))
    })
  }

  queryColumns(
    sql: string,
    params: Readonly<Record<string, unknown>> = {},
    { session = 'query', settings = [], signal }: ColumnsOptions = {},
  ): Promise<NativeAnswer> {
    const command = (ended: string) =>
      this.#turns.control.run(() => this.#control.queryAsync(ended))
    return this.#ask(session, params, (one) =>
      runEndable({ signal, command }, async (more) => {
        const text = withSettings(withLiterals(sql, params), [...settings, ...more])
        return readNative(await answered(one, text, 'Native'))
      }),
    )
  }

  #ask<T>(
    session: StoreSession,
    params: Readonly<Record<string, unknown>>,
    ask: (session: Session) => Promise<T>,
  ): Promise<T> {
    return this.#run(session, callerOf(params), async (one) => {
      try {
        return await ask(one)
      } catch (cause) {
        // What a failed query had put out already would come before the next answer of the session.
        await one.queryAsync('SELECT 1').catch(() => {})
        if (cause instanceof StoreError) throw cause
        throw new StoreError('ERR_STORE_QUERY', 'query failed', { cause })
      }
    })
  }

  /** There are as many turns as sessions, so one is free. */
  #run<T>(
    session: StoreSession,
    caller: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    return this.#turns[session].run(async () => {
      const one = this.#free[session].pop()!
      try {
        return await work(one)
      } finally {
        this.#free[session].push(one)
      }
    }, caller)
  }

  command(sql: string, { session }: { session?: StoreSession } = {}): Promise<void> {
    const run = (one: Session) => runStatement(() => one.queryAsync(sql))
    return session === undefined
      ? this.#turns.ingest.run(() => run(this.#ingest))
      : this.#run(session, '', run)
  }

  detachedParts(): Promise<number | undefined> {
    return readDetachedParts(this)
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#turns).map((turns) => turns.drained()))
    for (const session of Object.values(this.#asking).flat()) session.close()
    this.#control.close()
    this.#ingest.close()
    await this.#chdb.drainPending()
  }
}

const answered = async (
  session: Session,
  sql: string,
  format: 'JSONEachRow' | 'Native',
): Promise<Uint8Array> => (await session.queryAsync(sql, { format })).bytes()

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
