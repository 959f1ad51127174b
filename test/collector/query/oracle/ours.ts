/**
 * A collector whose store has what agents and Prometheus sent it, by the way on which they send it, and which
 * answers over HTTP. Its clock stands still.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '../../../../catalog/limit.ts'
import { Findings } from '../../../../collector/find/findings.ts'
import type { SampleSeries } from '../../../../collector/query/grid/grid.ts'
import { QueryHouse, StoreQueries } from '../../../../collector/query/store-queries.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { buildServer } from '../../../../collector/web/server.ts'
import { silentLog } from '../../../../settings/log.ts'
import { startReceiver } from '../../receive/receiver.ts'
import { oneView } from '../../web/one-view.ts'
import { write } from './remote-write.ts'

export interface Ours extends AsyncDisposable {
  /** Of the collector that computes all from samples. */
  readonly url: string
  /** Of the one that leaves to the store what the store can compute. */
  readonly pushing: string
  readonly store: Store
}

export const SETTINGS = {
  timeoutMs: 60_000,
  maxSamples: 10_000_000,
  maxSeries: 100_000,
  memoryBytes: 1 << 30,
  lookbackMs: 300_000,
} as const

/** `nowMs` is after the last sample, and no more than two hours after the first. */
export async function startOurs(
  passes: readonly Buffer[],
  application: readonly SampleSeries[],
  nowMs: number,
): Promise<Ours> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'candor-ours-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const receiver = await startReceiver(join(folder, 'data'))
  stack.defer(() => receiver.stop())
  // All at once, since each waits for its rows to be on the disk.
  const posted = await Promise.all(passes.map((body) => receiver.post(body)))
  const refused = posted.find(({ status }) => status !== 200)
  if (refused !== undefined) throw new Error(`a pass was refused: ${refused.status}`)
  await write(`${receiver.url}/api/v1/write`, application)

  const { store, own } = receiver
  const now = () => nowMs
  const log = silentLog()
  const answering = async (pushes: boolean) => {
    const house = new QueryHouse(
      store,
      { ...SETTINGS, maxConcurrency: 4 },
      { waiting: limits.queriesWaiting.value, labels: limits.queryLabels.value, pushes },
    )
    await house.test(own, log)
    const app = await buildServer({
      ...oneView({
        store,
        own,
        findings: new Findings({ store, own, log }),
        slos: { list: () => [], evaluation: () => ({ state: 'current', lastMs: nowMs }) },
      }),
      asking: {
        of: (tenant) => new StoreQueries(house, tenant, now),
        program: { startedMs: nowMs, evaluationMs: 15_000, flags: {} },
      },
      log,
      now,
    })
    stack.defer(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  }
  const url = await answering(false)
  const pushing = await answering(true)
  const kept = stack.move()
  return { url, pushing, store, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
