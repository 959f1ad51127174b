/** Opens the store that the operator asked for; of the two kinds only that one is loaded. */
import type { Log } from '../../settings/log.ts'
import { makeCluster, migrate } from './migrate.ts'
import type { Store, StoreOptions } from './store.ts'

/** Throws StoreError with ERR_STORE_MISSING, ERR_STORE_LOCKED or ERR_STORE_OPEN. */
export async function openStore(options: StoreOptions, log: Log): Promise<Store> {
  const store =
    'path' in options
      ? await (await import('./embedded.ts')).openEmbedded(options.path)
      : await (await import('./server.ts')).openServer(options)
  try {
    const cluster = 'url' in options ? options.cluster : undefined
    await (cluster === undefined
      ? migrate(store)
      : makeCluster(store, cluster.name, cluster.retention))
  } catch (error) {
    await store.close()
    throw error
  }
  log.info({ store: store.describe }, 'store is open')
  return store
}
