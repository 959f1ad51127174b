import { afterAll, expect, test } from 'vitest'
import { protocols } from '../../../collector/receive/protocols.ts'
import { registerReceiver } from '../../../collector/receive/receiver.ts'
import { type Tracing, UNTRACED } from '../../../collector/telemetry/tracing.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { OTLP_TYPE } from '../../../wire/otlp-response.ts'
import { bodyOf } from './bodies.ts'

const app = makeApp(silentLog())
afterAll(() => app.close())

test('a span that fails when its request has an answer changes nothing', async () => {
  const tracing: Tracing = {
    ...UNTRACED,
    run: async (_name, _title, work) => {
      await work({ set: () => {}, fail: () => {} })
      throw new Error('by the test')
    },
  }
  const own = new OwnMetrics()
  const store = { insertRows: async () => {} }
  registerReceiver(app, protocols, { store, own, log: silentLog(), tracing })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const body = bodyOf({ metrics: [{ name: 'up', points: [{ timeMs: Date.now(), value: 1 }] }] })
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(`${url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': OTLP_TYPE },
      body: new Uint8Array(body),
    })
    expect(answer.status).toBe(200)
  }
})
