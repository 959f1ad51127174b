/**
 * A copy of an embedded store as it is at one moment, by the engine's own BACKUP, and a store out of
 * such a copy. The engine writes to directories that its configuration names, so the store is opened
 * with the one that the copy is in. Tables are checked by the engine, file by file, as they come back.
 */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DATABASE } from '../ask.ts'
import { literal } from '../column-sql.ts'
import { openEmbedded } from '../embedded.ts'
import { migrate } from '../migrate.ts'
import { StoreError } from '../store-error.ts'

/** Throws StoreError. `to` must not exist, the directory that it is in must. */
export async function backUp(path: string, to: string): Promise<void> {
  const target = resolve(to)
  if (existsSync(target)) throw new StoreError('ERR_STORE_BACKUP', `${target} is there already`)
  if (!existsSync(dirname(target))) {
    throw new StoreError('ERR_STORE_BACKUP', `there is no directory ${dirname(target)}`)
  }
  if (!existsSync(path)) throw new StoreError('ERR_STORE_BACKUP', `there is no store at ${path}`)
  const store = await openEmbedded(path, { backups: dirname(target) })
  try {
    await store.command(`BACKUP DATABASE ${DATABASE} TO File(${literal(target)})`)
  } catch (cause) {
    throw new StoreError('ERR_STORE_BACKUP', `cannot write ${target}`, { cause })
  } finally {
    await store.close()
  }
}

/** Makes a store at `path`, where there must be none, as it was in the copy, and of this version. */
export async function restore(from: string, path: string): Promise<void> {
  const source = resolve(from)
  if (!existsSync(source)) throw new StoreError('ERR_STORE_BACKUP', `there is no copy at ${source}`)
  const store = await openEmbedded(path, { backups: dirname(source) })
  try {
    const tables = await store.query(
      'SELECT name FROM system.tables WHERE database = currentDatabase()',
    )
    if (tables.length > 0) {
      throw new StoreError('ERR_STORE_BACKUP', `there is a store at ${resolve(path)} already`)
    }
    try {
      await store.command(`RESTORE DATABASE ${DATABASE} FROM File(${literal(source)})`)
    } catch (cause) {
      throw new StoreError('ERR_STORE_BACKUP', `cannot restore ${source}`, { cause })
    }
    await migrate(store)
  } finally {
    await store.close()
  }
}
