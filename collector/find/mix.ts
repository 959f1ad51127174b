/**
 * What this fleet asks for: the median limits of the containers that ran in the last 14 days.
 *
 * It changes slowly and 14 days hold many samples, so it is asked for again only when the history
 * that it rests on has grown by a sixth, and at least every ten minutes: a fleet that starts is seen
 * as it grows, and one that stands costs little. Of the history only the times are scanned; the
 * limits are read at the newest time of each container. Of many containers some thousands tell the
 * medians as well as all: those with the lowest ids, which are hashes and lie together in the store.
 */
import type { RequestMix } from '../../judge/profile.ts'
import type { Store } from '../store/store.ts'
import { ms, UNHURRIED } from './sql.ts'

const MIX_WINDOW_MS = 14 * 86_400_000
const MIX_REFRESH_MS = 600_000
const MIX_GROWTH = 1 / 6
/** About as many containers are looked at; their median is that of all within some percent. */
const SAMPLED = 4_000
const IDS_MOST = 2n ** 64n - 1n

/**
 * A container asks for something when the limit is set on itself, not only on a group above it. A
 * row that the store has not merged yet may be there in parts, of which max() makes one.
 */
const MIX = `
WITH (
  SELECT uniq(entity) FROM entity
  WHERE tenant = {tenant:String} AND kind = 'container'
    AND last_seen > fromUnixTimestamp64Milli({from:Int64})
) AS known,
if(known <= ${SAMPLED}, ${IDS_MOST}, intDiv(${IDS_MOST}, known) * ${SAMPLED}) AS lowest,
units AS (
  SELECT entity, first_seen FROM entity FINAL
  WHERE tenant = {tenant:String} AND kind = 'container' AND entity <= lowest
    AND attributes['candor.cgroup.level'] = 'container'
    AND last_seen > fromUnixTimestamp64Milli({from:Int64})
)
SELECT
  toFloat64(least(count(cpu), count(memory))) AS containers,
  quantileExactInclusiveOrNull(0.5)(cpu) AS medianCpuCores,
  quantileExactInclusiveOrNull(0.5)(memory) AS medianMemoryBytes,
  (SELECT if(count() = 0, NULL, ${ms('min(first_seen)')}) FROM units) AS firstMs
FROM (
  SELECT entity,
    if(max(cpu_quota) IS NULL, NULL, max(cpu_limit_effective_cores)) AS cpu,
    if(max(memory_limit_bytes) IS NULL, NULL, max(memory_limit_effective_bytes)) AS memory
  FROM container
  WHERE tenant = {tenant:String} AND entity <= lowest AND (tenant, entity, ts) IN (
    SELECT tenant, entity, max(ts) FROM container
    WHERE tenant = {tenant:String} AND ts > fromUnixTimestamp64Milli({from:Int64})
      AND entity <= lowest AND entity IN (SELECT entity FROM units)
    GROUP BY tenant, entity
  )
  GROUP BY entity
)
${UNHURRIED}`

interface MixRow {
  /** Of those that were looked at. */
  readonly containers: number
  readonly medianCpuCores: number | null
  readonly medianMemoryBytes: number | null
  /** When the first of the containers was seen. */
  readonly firstMs: number | null
}

export class Mix {
  readonly #store: Pick<Store, 'query'>
  readonly #tenant: string
  #mix: RequestMix = { containers: 0 }
  #askedMs = 0
  #dueMs = 0

  constructor(store: Pick<Store, 'query'>, tenant: string) {
    this.#store = store
    this.#tenant = tenant
  }

  async read(nowMs: number): Promise<RequestMix> {
    // A clock that went back makes an answer of the future, which is of no use.
    if (nowMs >= this.#askedMs && nowMs < this.#dueMs) return this.#mix
    const [row] = await this.#store.query<MixRow>(
      MIX,
      { tenant: this.#tenant, from: nowMs - MIX_WINDOW_MS },
      { session: 'evaluate' },
    )
    const historyMs = nowMs - (row?.firstMs ?? nowMs)
    this.#askedMs = nowMs
    this.#dueMs = nowMs + Math.min(MIX_REFRESH_MS, historyMs * MIX_GROWTH)
    return (this.#mix = {
      containers: row?.containers ?? 0,
      ...(row?.medianCpuCores == null ? {} : { medianCpuCores: row.medianCpuCores }),
      ...(row?.medianMemoryBytes == null ? {} : { medianMemoryBytes: row.medianMemoryBytes }),
    })
  }
}
