/** Brings the schema of an open store up to this version: tables that are missing, then columns. */
import { readdir, readFile } from 'node:fs/promises'
import { typedTables } from '../../catalog/tables.ts'
import { columnDefinitions, LATER_COLUMNS } from './schema.ts'
import { StoreError } from './store-error.ts'
import type { Store } from './store.ts'

const SQL = new URL('sql/', import.meta.url)

export async function migrate(store: Pick<Store, 'query' | 'command'>): Promise<void> {
  try {
    for (const file of (await readdir(SQL)).toSorted()) {
      if (file.endsWith('.sql')) await store.command(await readFile(new URL(file, SQL), 'utf8'))
    }
    await addColumns(store)
  } catch (cause) {
    throw new StoreError('ERR_STORE_OPEN', 'cannot make the tables', { cause })
  }
}

/** A column that the catalogue gained stands behind its neighbour there; old rows have none. */
async function addColumns(store: Pick<Store, 'query' | 'command'>): Promise<void> {
  const present = await store.query<{ table: string; name: string }>(
    'SELECT table, name FROM system.columns WHERE database = currentDatabase()',
  )
  const known = new Set(present.map(({ table, name }) => `${table}.${name}`))
  const add = async (table: string, name: string, definition: string, after: string) => {
    if (known.has(`${table}.${name}`)) return
    await store.command(
      `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${name} ${definition} AFTER ${after}`,
    )
  }
  for (const { table, name, definition, after } of LATER_COLUMNS) {
    await add(table, name, definition, after)
  }
  for (const table of typedTables) {
    let neighbour = 'ts'
    for (const [name, definition] of columnDefinitions(table)) {
      await add(table.name, name, definition, neighbour)
      neighbour = name
    }
  }
}
