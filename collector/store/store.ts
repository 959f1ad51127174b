/**
 * Where the collector keeps everything: a ClickHouse server, or the embedded engine on a directory.
 * Same schema, same queries, same client; they differ in how rows get in.
 */
import type { ColumnBatch } from './columns.ts'
import type { NativeAnswer } from './native-answer.ts'
import type { Retention } from './retention.ts'

/**
 * Who asks: queries of people do not wait behind evaluations, nor these behind them; what may take
 * long and can wait, such as rollups, is in the background.
 */
export type StoreSession = 'query' | 'evaluate' | 'background'

/** What holds for one SELECT. */
export interface ColumnsOptions {
  readonly session?: StoreSession
  /** `name = value` of the engine, in our own words. */
  readonly settings?: readonly string[]
  /** Of who waits for the answer: the engine ends a statement that nobody waits for. */
  readonly signal?: AbortSignal | undefined
}

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
  /**
   * One SELECT without SETTINGS and FORMAT, by columns: for answers with many numbers, which come bit by bit
   * as they are.
   */
  queryColumns(
    sql: string,
    params?: Readonly<Record<string, unknown>>,
    options?: ColumnsOptions,
  ): Promise<NativeAnswer>
  /**
   * One statement of our own, DDL or INSERT … SELECT. Inserts wait behind it, but for one that is told
   * another session.
   */
  command(sql: string, options?: { readonly session?: StoreSession }): Promise<void>
  /** Parts that the engine set aside as damaged; undefined where it does not tell. */
  detachedParts(): Promise<number | undefined>
  close(): Promise<void>
}

export type StoreOptions =
  | { readonly path: string }
  | {
      readonly url: string
      readonly username?: string
      readonly passwordFile?: string
      /** Its tables are on all servers of this cluster, which drop old rows themselves. */
      readonly cluster?: { readonly name: string; readonly retention: Retention }
    }
