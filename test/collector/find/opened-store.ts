/** A store of its own in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { silentLog } from '../../../settings/log.ts'

export interface OpenedStore extends AsyncDisposable {
  readonly store: Store
}

export async function openedStore(): Promise<OpenedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'candor-find-'))
  const store = await openStore({ path: join(directory, 'data') }, silentLog())
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}
