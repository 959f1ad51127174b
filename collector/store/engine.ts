/**
 * The embedded engine: chDB, ClickHouse in this process. Nothing else imports it, and it is imported
 * only when it is asked for: machines that only run an agent do not have it.
 */
import { limits } from '../../catalog/limit.ts'
import type { ArrowColumn } from './arrow.ts'
import { StoreError } from './store-error.ts'

/** The part of chDB that is used here; its own types lack the Arrow functions. */
export interface Chdb {
  readonly Session: new (
    path: string,
    options?: { readonly connectionArgs: readonly string[] },
  ) => Session
  readonly drainPending: () => Promise<void>
  readonly _arrowRegisterColumns: (
    connection: unknown,
    name: string,
    columns: readonly ArrowColumn[],
  ) => void
  readonly _arrowUnregister: (connection: unknown, name: string) => void
}
/** What a statement gave, in the format that was asked for. */
export interface Answered {
  bytes(): Uint8Array
}
export interface Session {
  readonly connection: unknown
  queryAsync(sql: string, options?: { readonly format: string }): Promise<Answered>
  close(): void
}

/**
 * What holds for every table of a store, old ones too. A part is merged with fifteen others of its size,
 * not with four: with an insert a second samples are then written anew half as often. Statistics of
 * columns, which no query of ours uses, are made neither by inserts nor by merges.
 */
const TABLES =
  '<merge_tree><merge_selector_base>16</merge_selector_base><auto_statistics_types/></merge_tree>'

/**
 * What the engine may keep of files that it has read, in bytes. Each is 5 GiB where nobody says less, for a
 * machine that has nothing else to do.
 */
const CACHES = ['mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size']
  .map((name) => `<${name}>${limits.engineCacheBytes.value}</${name}>`)
  .join('')

/** A file of settings of the engine, which takes some from nowhere else. */
export const engineXml = (more: string): string =>
  `<clickhouse>${CACHES}${TABLES}${more}</clickhouse>\n`

export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

export async function loadEngine(): Promise<Chdb> {
  try {
    const { default: chdb } = (await import('chdb')) as unknown as { readonly default: Chdb }
    return chdb
  } catch (cause) {
    throw new StoreError('ERR_STORE_MISSING', 'the embedded engine (chdb) cannot be loaded', {
      cause,
    })
  }
}
