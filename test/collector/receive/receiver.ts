/** A receiver on a store of its own, as the collector has it. */
import { silentLog } from '../../../settings/log.ts'
import { protocols } from '../../../collector/receive/protocols.ts'
import { registerReceiver } from '../../../collector/receive/receiver.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { OTLP_TYPE } from '../../../wire/otlp-response.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

export interface Receiver {
  readonly url: string
  readonly store: Store
  readonly own: OwnMetrics
  post(body: Uint8Array, headers?: Readonly<Record<string, string>>, path?: string): Promise<Answer>
  /** Value of one of its own series, 0 when it is not there. */
  count(series: string): Promise<number>
  stop(): Promise<void>
}

export async function startReceiver(path: string): Promise<Receiver> {
  const store = await openStore({ path }, silentLog())
  const own = new OwnMetrics()
  const app = makeApp(silentLog())
  registerReceiver(app, protocols, { store, own, log: silentLog() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    store,
    own,
    post: async (body, headers = {}, path = '/v1/metrics') => {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': OTLP_TYPE, ...headers },
        body: new Uint8Array(body),
      })
      return {
        status: response.status,
        headers: response.headers,
        body: Buffer.from(await response.arrayBuffer()),
      }
    },
    count: async (series) => {
      const line = (await own.render()).split('\n').find((each) => each.startsWith(`${series} `))
      return line === undefined ? 0 : Number(line.slice(series.length))
    },
    stop: async () => {
      await app.close()
      await store.close()
    },
  }
}
