/**
 * Brings the schema of an open store to this version: migrations in their order, then tables that are
 * missing, then what the catalogue says of columns, then views that are not as they should be. All of it changes what the engine knows of its
 * tables, none of it a row: a codec holds for parts that are written from then on.
 */
import { readdir, readFile } from 'node:fs/promises'
import { VERSION } from '../../settings/version.ts'
import { type ColumnDefinition, columnSql, literal } from './column-sql.ts'
import { clusterSchema, type Schema } from './cluster.ts'
import { printedColumns } from './ddl.ts'
import { FIRST_VERSION, MIGRATIONS, SCHEMA_VERSION } from './migrations.ts'
import type { Retention } from './retention.ts'
import { StoreError } from './store-error.ts'
import type { Store } from './store.ts'
import { views } from './view/views.ts'

type Migrated = Pick<Store, 'query' | 'command'>

const SQL = new URL('sql/', import.meta.url)
const VIEWS = new URL('view/sql/', import.meta.url)

/** Throws StoreError: ERR_STORE_NEWER when a later program has had the store, else ERR_STORE_OPEN. */
export async function migrate(store: Migrated): Promise<void> {
  try {
    const from = await readVersion(store)
    if (from > SCHEMA_VERSION) throw newer(from)
    const ddl = await readDdl()
    await store.command(ddl.get('schema_version')!)
    for (const { version, statements, forColumns } of MIGRATIONS) {
      if (from === 0 || version <= from) continue
      const more = forColumns?.(await readColumns(store)) ?? []
      for (const statement of [...statements, ...more]) await store.command(statement)
      await note(store, version)
    }
    for (const statement of ddl.values()) await store.command(statement)
    const present = Map.groupBy(await readColumns(store), ({ table }) => table)
    for (const statement of columnChanges(present)) await store.command(statement)
    for (const statement of await viewChanges(present)) await store.command(statement)
    if (from === 0) await note(store, SCHEMA_VERSION)
  } catch (cause) {
    if (cause instanceof StoreError && cause.code === 'ERR_STORE_NEWER') throw cause
    throw new StoreError('ERR_STORE_OPEN', 'cannot make the tables', { cause })
  }
}

/**
 * Makes the tables on a cluster that has none. One of an earlier version is left to people, since
 * statements on many servers can end half way. Throws StoreError.
 */
export async function makeCluster(
  store: Migrated,
  cluster: string,
  retention: Retention,
): Promise<void> {
  try {
    const from = await readVersion(store)
    if (from > SCHEMA_VERSION) throw newer(from)
    if (from > 0 && from < SCHEMA_VERSION) {
      throw new StoreError(
        'ERR_STORE_OPEN',
        `the cluster has version ${from} of the schema; bring it to ${SCHEMA_VERSION} by hand, docs/store.md says how`,
      )
    }
    for (const statement of clusterSchema(await readSchema(), cluster, retention)) {
      await store.command(statement)
    }
    if (from === 0) await note(store, SCHEMA_VERSION)
  } catch (cause) {
    if (cause instanceof StoreError && cause.code !== 'ERR_STORE_QUERY') throw cause
    throw new StoreError('ERR_STORE_OPEN', 'cannot make the tables on the cluster', { cause })
  }
}

const newer = (found: number) =>
  new StoreError(
    'ERR_STORE_NEWER',
    `the store has version ${found} of the schema, this program knows ${SCHEMA_VERSION} and earlier`,
  )

/** DDL by table. */
export const readDdl = (): Promise<ReadonlyMap<string, string>> => readFiles(SQL)

/** Of everything, by name. */
export const readSchema = async (): Promise<Schema> => ({
  tables: await readDdl(),
  views: await readFiles(VIEWS),
})

async function readFiles(directory: URL): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).toSorted()
  return new Map(
    await Promise.all(
      files.map(
        async (file) =>
          [
            file.slice(0, -'.sql'.length),
            await readFile(new URL(file, directory), 'utf8'),
          ] as const,
      ),
    ),
  )
}

/** 0 where there are no tables at all. */
async function readVersion(store: Migrated): Promise<number> {
  const tables = await store.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase()',
  )
  const names = new Set(tables.map(({ name }) => name))
  if (names.has('schema_version')) {
    const [row] = await store.query<{ version: number }>(
      'SELECT max(version) AS version FROM schema_version',
    )
    if (row !== undefined && row.version > 0) return row.version
    // Its first start ended before the tables were made, or before that was noted.
    return names.has('entity') ? FIRST_VERSION : 0
  }
  return names.has('entity') ? FIRST_VERSION : 0
}

const note = (store: Migrated, version: number) =>
  store.command(
    `INSERT INTO schema_version SELECT ${version}, ${literal(VERSION)}, now64(3) SETTINGS async_insert = 0`,
  )

/** A column as the store has it. */
export interface PresentColumn {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly codec: string
  readonly comment: string
}

const readColumns = (store: Migrated) =>
  store.query<PresentColumn>(
    `SELECT table, name, type, compression_codec AS codec, comment
     FROM system.columns WHERE database = currentDatabase() ORDER BY table, position`,
  )

type Present = ReadonlyMap<string, readonly PresentColumn[]>

const columnChanges = (byTable: Present): string[] =>
  [...printedColumns()].flatMap(([table, columns]) =>
    alterTable(table, columns, byTable.get(table) ?? []),
  )

/** Statements that make views which are missing, or have other columns. */
async function viewChanges(byTable: Present): Promise<string[]> {
  const text = (columns: readonly Pick<PresentColumn, 'name' | 'type' | 'comment'>[] = []) =>
    JSON.stringify(columns.map(({ name, type, comment }) => [name, type, comment]))
  const changed = views.filter(({ name, columns }) => text(byTable.get(name)) !== text(columns))
  if (changed.length === 0) return []
  const ddl = await readFiles(VIEWS)
  return changed.map(({ name }) => ddl.get(name)!)
}

/** The statement that makes a table have its columns; none where it has. No type is ever changed. */
export function alterTable(
  table: string,
  wanted: readonly ColumnDefinition[],
  present: readonly PresentColumn[],
): string[] {
  const known = new Map(present.map((column) => [column.name, column]))
  const changes = wanted.flatMap((column, i) => {
    const { name, type, codec = '', comment } = column
    const found = known.get(name)
    if (found === undefined) {
      // Behind its neighbour in the catalogue; old rows have none.
      return [`ADD COLUMN IF NOT EXISTS ${columnSql(column)} AFTER ${wanted[i - 1]!.name}`]
    }
    return [
      ...(found.codec === codec || found.type !== type
        ? []
        : [`MODIFY COLUMN ${name} ${type} ${codec === '' ? 'CODEC(Default)' : codec}`]),
      ...(found.comment === comment ? [] : [`COMMENT COLUMN ${name} ${literal(comment)}`]),
    ]
  })
  return changes.length === 0 ? [] : [`ALTER TABLE ${table} ${changes.join(',\n')}`]
}
