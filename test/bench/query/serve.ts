/** Answers queries over the store in a directory, and nothing else beside; says where when it can. */
import '../../../collector/thread-pool.ts'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits } from '../../../catalog/limit.ts'
import { QueryHouse, StoreQueries } from '../../../collector/query/store-queries.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import { encodeAnswer, gathered } from '../../../collector/web/prometheus/encode.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'

const store = await openStore({ path: process.argv[2]! }, silentLog())
const house = new QueryHouse(
  store,
  {
    maxSamples: limits.querySamples.value,
    maxSeries: limits.querySeries.value,
    timeoutMs: limits.queryMs.value,
    memoryBytes: limits.queryMemoryBytes.value,
    maxConcurrency: 4,
    lookbackMs: 300_000,
  },
  { waiting: limits.queriesWaiting.value, labels: limits.queryLabels.value },
)
await house.test(new OwnMetrics(), silentLog())
const queries = new StoreQueries(house, '')

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url!, 'http://localhost')
  const ms = (name: string) => Math.round(Number(searchParams.get(name)) * 1_000)
  const grid = { startMs: ms('start'), endMs: ms('end'), stepMs: ms('step') }
  queries.range(searchParams.get('query')!, grid).then(
    (answer) => {
      for (const part of gathered(encodeAnswer(answer))) response.write(part)
      response.end()
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
}).listen(0, '127.0.0.1')
await once(server, 'listening')
process.send!((server.address() as AddressInfo).port)
process.once('disconnect', () => process.exit())
