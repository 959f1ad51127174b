/**
 * What a day of samples tells of each runtime: what it rarely goes beyond, and what creeps.
 *
 * A day holds many samples and its percentiles move slowly, so one sample a minute is looked at, and
 * all of it is asked for again every ten minutes only. A row that was sent twice changes nothing in
 * the newest of a minute, so rows need not be merged, which takes most of the time otherwise.
 */
import { known as measured } from '../../judge/known.ts'
import type { LongRun } from '../../judge/profile.ts'
import type { Store } from '../store/store.ts'
import { at, ms, newest, same, seen, since, UNHURRIED, until } from './sql.ts'

const DAY_MS = 86_400_000
const SLOPE_MS = 6 * 3_600_000
const REFRESH_MS = 600_000

const OF_RUNTIME = {
  live: 'heap_live_bytes',
  committed: 'heap_committed_bytes',
  rssAnon: 'rss_anon_bytes',
  metaspace: 'metaspace_committed_bytes',
  classes: 'classes',
}
const NON_HEAP = 'anonShmem - newest.committed'

const p99 = (figure: string) => `quantileTDigest(0.99)(${figure})`
/** Growth an hour, by least squares; no number where there are fewer than two samples. */
const slope = (figure: string) =>
  `simpleLinearRegressionIf(hours, ${figure}, at > ${at('slope')} AND ${figure} IS NOT NULL).1`

const OF_CGROUP = { hostId: same('host.id'), path: same('candor.cgroup.path') }

const OWNERS = `
  SELECT runtime, owner
  FROM (
    SELECT entity AS runtime, hostId, path FROM (${seen('runtime', OF_CGROUP)})
  ) AS runtimes
  INNER JOIN (
    SELECT hostId, path, argMax(entity, newest) AS owner
    FROM (${seen('container', { ...OF_CGROUP, newest: 'max(last_seen)' })})
    GROUP BY hostId, path
  ) AS owners USING (hostId, path)`

const LONG_RUNS = `
WITH owned AS (${OWNERS})
SELECT toString(runtime) AS entity, (${ms('max(at)')} - ${ms('min(at)')}) / 1000 AS seconds,
  ${p99('newest.live')} AS heapLiveP99Bytes, ${p99('newest.committed')} AS heapCommittedP99Bytes,
  ${p99('anonShmem')} AS anonShmemP99Bytes, ${p99('newest.rssAnon')} AS rssAnonP99Bytes,
  ${p99(NON_HEAP)} AS nonHeapP99Bytes,
  (${ms(`maxIf(at, at > ${at('slope')})`)} - ${ms(`minIf(at, at > ${at('slope')})`)}) / 1000
    AS slopeSeconds,
  ${slope('newest.metaspace')} AS metaspaceBytesPerHour, ${slope('newest.classes')} AS classesPerHour,
  ${slope(NON_HEAP)} AS nonHeapBytesPerHour
FROM (
  SELECT entity AS runtime, max(ts) AS at, ${ms('max(ts)')} / 3600000 - {now:Float64} / 3600000 AS hours,
    ${newest(OF_RUNTIME)} AS newest
  FROM runtime
  WHERE ${since('from')}
  GROUP BY entity, toStartOfMinute(ts)
) AS minutes
LEFT JOIN owned USING runtime
LEFT JOIN (
  SELECT entity AS owner, max(ts) AS at,
    argMax(tuple(memory_rss_bytes + memory_shmem_bytes), ts).1 AS anonShmem
  FROM container
  WHERE ${since('from')} AND entity IN (SELECT owner FROM owned)
  GROUP BY entity, toStartOfMinute(ts)
) AS cgroups USING (owner, at)
GROUP BY runtime
${UNHURRIED}`

type LongRunRow = { readonly [K in keyof LongRun]-?: number | null } & {
  readonly entity: string
  readonly seconds: number
}

const rethrow = (error: unknown): never => {
  throw error
}

export class LongRuns {
  readonly #store: Pick<Store, 'query'>
  readonly #tenant: string
  readonly #onFailure: (error: unknown) => void
  #known: ReadonlyMap<string, LongRun> = new Map()
  #askedMs = Number.NEGATIVE_INFINITY

  /** `onFailure` may let the others go on: what must be known at once does not rest on a day. */
  constructor(
    store: Pick<Store, 'query'>,
    tenant: string,
    onFailure: (error: unknown) => void = rethrow,
  ) {
    this.#store = store
    this.#tenant = tenant
    this.#onFailure = onFailure
  }

  /** By entity; of those alone that report. */
  async read(nowMs: number): Promise<ReadonlyMap<string, LongRun>> {
    const ageMs = nowMs - this.#askedMs
    if (ageMs >= 0 && ageMs < REFRESH_MS) return this.#known
    try {
      const rows = await this.#ask(nowMs)
      this.#known = new Map(
        rows.map(({ entity, ...figures }) => [entity, measured<LongRun>(figures)]),
      )
    } catch (error) {
      this.#onFailure(error)
    }
    this.#askedMs = nowMs
    return this.#known
  }

  #ask(nowMs: number): Promise<LongRunRow[]> {
    return this.#store.query<LongRunRow>(
      LONG_RUNS,
      {
        tenant: this.#tenant,
        now: nowMs,
        from: nowMs - DAY_MS,
        slope: nowMs - SLOPE_MS,
        seen: nowMs - REFRESH_MS,
        until: until(nowMs),
      },
      { session: 'evaluate' },
    )
  }
}
