/**
 * A copy of an embedded store as it is at one moment, by the engine's own BACKUP, and a store out of
 * such a copy. The engine writes to directories that its configuration names, so the store is opened
 * with the one that the copy is in. Tables are checked by the engine, file by file, as they come back.
 * As it writes a copy it does not see that the disk is full (26.7): what it says that it wrote is
 * compared with what is there. What was made half is removed.
 */
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
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
    const [told] = await store.query<{ bytes: number }>(
      'SELECT toFloat64(uncompressed_size) AS bytes FROM system.backups ORDER BY start_time DESC LIMIT 1',
    )
    const found = await bytesOf(target)
    if (told === undefined || found < told.bytes) {
      throw new Error(`only ${found} of ${told?.bytes} bytes are there; the disk may be full`)
    }
  } catch (cause) {
    await rm(target, { recursive: true, force: true })
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
      // A part of a store would be taken for all of it by whoever opens it next.
      await store.command(`DROP DATABASE ${DATABASE} SYNC`)
      throw new StoreError('ERR_STORE_BACKUP', `cannot restore ${source}`, { cause })
    }
    await migrate(store)
  } finally {
    await store.close()
  }
}

/** Of all files below a directory. */
async function bytesOf(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  let bytes = 0
  for (const file of files) {
    if (file.isFile()) bytes += (await stat(join(file.parentPath, file.name))).size
  }
  return bytes
}
