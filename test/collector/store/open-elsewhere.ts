/**
 * Opens a store in a process of its own and prints as JSON what it threw. Arguments: the directory,
 * and `missing` to go without the engine, as where optional packages were left out.
 */
import { registerHooks } from 'node:module'
import { silentLog } from '../../../settings/log.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { StoreError } from '../../../collector/store/store-error.ts'

const [path, missing] = process.argv.slice(2)

if (missing === 'missing') {
  registerHooks({
    resolve: (name, context, next) => {
      if (name === 'chdb') throw new Error('no chdb')
      return next(name, context)
    },
  })
}

await openStore({ path: path! }, silentLog()).catch(({ code, message }: StoreError) => {
  console.log(JSON.stringify({ code, message }))
})
