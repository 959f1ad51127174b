/**
 * What this fleet asks for: the median limits of the containers that ran in the last 14 days. It
 * changes slowly and reads much, so it is asked for again only every few minutes.
 */
import type { RequestMix } from '../../judge/profile.ts'
import type { Store } from '../store/store.ts'

const MIX_WINDOW_MS = 14 * 86_400_000
const MIX_REFRESH_MS = 600_000

/** A container asks for something when the limit is set on itself, not only on a group above it. */
const MIX = `
SELECT
  toFloat64(least(count(cpu), count(memory))) AS containers,
  quantileExactInclusiveOrNull(0.5)(cpu) AS medianCpuCores,
  quantileExactInclusiveOrNull(0.5)(memory) AS medianMemoryBytes
FROM (
  SELECT entity,
    argMax(tuple(if(cpu_quota IS NULL, NULL, cpu_limit_effective_cores),
      if(memory_limit_bytes IS NULL, NULL, memory_limit_effective_bytes)), ts) AS newest,
    newest.1 AS cpu, newest.2 AS memory
  FROM container FINAL
  WHERE tenant = {tenant:String} AND ts > fromUnixTimestamp64Milli({from:Int64})
    AND entity IN (
      SELECT entity FROM entity FINAL
      WHERE tenant = {tenant:String} AND kind = 'container'
        AND attributes['candor.cgroup.level'] = 'container'
    )
  GROUP BY entity
)`

interface MixRow {
  readonly containers: number
  readonly medianCpuCores: number | null
  readonly medianMemoryBytes: number | null
}

export class Mix {
  readonly #store: Pick<Store, 'query'>
  readonly #tenant: string
  #mix: RequestMix | undefined
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(store: Pick<Store, 'query'>, tenant: string) {
    this.#store = store
    this.#tenant = tenant
  }

  async read(nowMs: number): Promise<RequestMix> {
    // A small fleet may double within minutes of its start; then the medians are cheap to ask again.
    if (this.#mix !== undefined && this.#mix.containers >= MIX_SMALL) {
      if (nowMs - this.#askedMs < MIX_REFRESH_MS) return this.#mix
    }
    const [row] = await this.#store.query<MixRow>(
      MIX,
      { tenant: this.#tenant, from: nowMs - MIX_WINDOW_MS },
      { session: 'evaluate' },
    )
    this.#askedMs = nowMs
    return (this.#mix = {
      containers: row?.containers ?? 0,
      ...(row?.medianCpuCores == null ? {} : { medianCpuCores: row.medianCpuCores }),
      ...(row?.medianMemoryBytes == null ? {} : { medianMemoryBytes: row.medianMemoryBytes }),
    })
  }
}

/** Below this many containers the mix is asked for at every evaluation. */
const MIX_SMALL = 200
