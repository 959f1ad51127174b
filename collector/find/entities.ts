/**
 * What reports, with its newest key figures: the lists of the API and of the console.
 *
 * A key that is missing was not measured; a limit that is null does not exist. Rates are means over
 * the samples of the last two minutes. Containers and runtimes are those that report; a machine that
 * went silent stays in the list for a day, without figures: silence is news, not absence.
 */
import type { EntityKind } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import {
  at,
  cpuUsed,
  ENDED_MS,
  GONE_MS,
  INTERVAL_MS,
  IS_THERE,
  known,
  ms,
  SILENCE_MS,
  since,
  until,
} from './sql.ts'
import type { Store } from '../store/store.ts'

const RATE_MS = 120_000
/** Long enough to tell the interval of a machine. */
const RECENT_MS = 600_000
const SILENT_MS = 86_400_000
/** Any number of browsers may ask; the store is asked this often. */
const CACHE_MS = 2_000

interface Common {
  readonly id: string
  readonly name: string
  readonly machine: string
  readonly lastSeenMs: number
}

export interface MachineEntity extends Common {
  readonly kind: 'machine'
  readonly state: 'reporting' | 'silent'
  readonly kernel?: string
  readonly cgroups?: string
  readonly agent?: string
  readonly cpuCores?: number
  readonly cpuUsedCores?: number
  readonly memoryBytes?: number
  readonly memoryUsedBytes?: number
  readonly load1?: number
  readonly uptimeSeconds?: number
}

export interface ContainerEntity extends Common {
  readonly kind: 'container'
  readonly path: string
  readonly runtime?: string
  readonly image?: string
  readonly cpuUsedCores?: number
  readonly cpuLimitCores?: number | null
  readonly throttledRatio?: number
  readonly memoryWorkingSetBytes?: number
  readonly memoryLimitBytes?: number | null
  readonly oomKills?: number
}

export interface RuntimeEntity extends Common {
  readonly kind: 'runtime'
  readonly runtime: string
  readonly pid?: number
  readonly container?: string
  readonly version?: string
  readonly collector?: string
  readonly heapUsedBytes?: number
  readonly heapCommittedBytes?: number
  readonly heapMaxBytes?: number
  readonly threads?: number
  readonly memoryLimitBytes?: number | null
}

export type EntityRow = MachineEntity | ContainerEntity | RuntimeEntity

/** What a machine's agent saw in its newest pass and could not read. */
export interface Unread {
  readonly machine: string
  readonly kind: string
  readonly reason: string
  readonly count: number
}

export interface EntityList {
  readonly timeMs: number
  readonly unread: readonly Unread[]
  /** Of each kind, cut or not. */
  readonly totals: Readonly<Record<EntityKind, number>>
  /** By kind; of each kind the largest users of memory when there are more than the limit. */
  readonly entities: readonly EntityRow[]
}

/** The row of a query: what may be missing is NULL in it. */
type Nullable<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? Exclude<T[K], undefined> | null
    : T[K]
}
interface Counted {
  readonly total: string
}

/** Machines of the last minutes, with the silence after which they and what runs on them are gone. */
const RECENT = `
  SELECT entity, ${ms('max(ts)')} AS lastMs, ${INTERVAL_MS} AS intervalMs,
    ${SILENCE_MS} AS silenceMs,
    argMax(tuple(cpu_cores, memory_mem_total_bytes,
      memory_mem_total_bytes - memory_mem_available_bytes, load1, uptime_seconds), ts) AS newest
  FROM machine FINAL
  WHERE ${since('recent')}
  GROUP BY entity`

const REPORTS = `lastMs >= {now:Float64} - silenceMs`

const HOST_NAME = `if(attributes['host.name'] = '', attributes['host.id'], attributes['host.name'])`

const MACHINES = `
SELECT toString(entity) AS id, ${HOST_NAME} AS name, name AS machine,
  greatest(seenMs, lastMs) AS lastSeenMs, 'machine' AS kind,
  if(${REPORTS}, 'reporting', 'silent') AS state,
  attributes['os.version'] AS kernel, attributes['candor.cgroup.mode'] AS cgroups,
  attributes['candor.agent.version'] AS agent,
  newest.1 AS cpuCores, cpuUsedCores, newest.2 AS memoryBytes, newest.3 AS memoryUsedBytes,
  newest.4 AS load1, newest.5 AS uptimeSeconds,
  count() OVER () AS total
FROM (${known('machine', `attributes, ${ms('last_seen')} AS seenMs`)}
    AND last_seen > ${at('silent')}
) AS known
LEFT JOIN (${RECENT}) AS recent USING entity
LEFT JOIN (${cpuUsed('rate')}) AS cpu USING entity
ORDER BY name, id
LIMIT {limit:UInt32}`

/** Growth of a counter per second between its first and last sample; NULL when it fell. */
const growth = (column: string) => `
  argMax(${column}, ts) - argMin(${column}, ts) AS ${column}_grown,
  (${ms(`maxIf(ts, ${column} IS NOT NULL)`)} - ${ms(`minIf(ts, ${column} IS NOT NULL)`)}) / 1000
    AS ${column}_seconds`

const HOSTS = `
  SELECT entity AS host, attributes['host.id'] AS hostId, ${HOST_NAME} AS machine, lastMs AS machineMs,
    ${GONE_MS} AS goneMs
  FROM (${RECENT}) AS recent
  INNER JOIN (${known('machine', 'attributes')}) AS machines USING entity
  WHERE ${REPORTS}`

const UNREAD = `
SELECT machine, kind, reason, entities AS count
FROM (
  SELECT entity AS host, kind, reason, ${ms('max(ts)')} AS lastMs, argMax(entities, ts) AS entities
  FROM machine_unread FINAL
  WHERE ${since('rate')}
  GROUP BY host, kind, reason
) AS figures
INNER JOIN (${HOSTS}) AS hosts USING host
WHERE lastMs >= machineMs
ORDER BY machine, kind, count DESC, reason
LIMIT {limit:UInt32}`

const CONTAINERS = `
SELECT toString(entity) AS id,
  if(attributes['container.name'] = '', attributes['candor.cgroup.name'],
    attributes['container.name']) AS name, machine,
  lastMs AS lastSeenMs, 'container' AS kind, attributes['candor.cgroup.path'] AS path,
  attributes['container.runtime.name'] AS runtime, attributes['container.image.name'] AS image,
  if(cpu_usage_seconds_grown >= 0 AND cpu_usage_seconds_seconds > 0,
    cpu_usage_seconds_grown / cpu_usage_seconds_seconds, NULL) AS cpuUsedCores,
  newest.1 AS cpuRead, newest.2 AS cpuLimitCores,
  if(cpu_periods_grown > 0 AND cpu_throttled_periods_grown >= 0,
    cpu_throttled_periods_grown / cpu_periods_grown, NULL) AS throttledRatio,
  newest.3 AS memoryWorkingSetBytes, newest.4 AS memoryLimitBytes, newest.5 AS oomKills,
  count() OVER () AS total
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs,
    argMax(tuple(cpu_usage_seconds, cpu_limit_effective_cores, memory_working_set_bytes,
      memory_limit_effective_bytes, oom_kills), ts) AS newest,
    ${growth('cpu_usage_seconds')},
    ${growth('cpu_periods')},
    ${growth('cpu_throttled_periods')}
  FROM container FINAL
  WHERE ${since('rate')}
  GROUP BY entity
) AS figures
INNER JOIN (${known('container', `attributes, attributes['host.id'] AS hostId, ${ENDED_MS}`)}
    AND attributes['candor.cgroup.level'] = 'container'
) AS known USING entity
INNER JOIN (${HOSTS}) AS hosts USING hostId
WHERE ${IS_THERE}
ORDER BY memoryWorkingSetBytes DESC NULLS LAST, id
LIMIT {limit:UInt32}`

const RUNTIMES = `
SELECT toString(entity) AS id, machine,
  multiIf(attributes['candor.runtime.name'] != '', attributes['candor.runtime.name'],
    attributes['candor.jvm.main'] != '', attributes['candor.jvm.main'],
    concat('pid ', attributes['process.pid'])) AS name,
  lastMs AS lastSeenMs, 'runtime' AS kind, attributes['process.runtime.name'] AS runtime,
  toFloat64OrNull(attributes['process.pid']) AS pid,
  if(attributes['container.name'] = '' AND path != '/', path, attributes['container.name'])
    AS container,
  attributes['process.runtime.version'] AS version,
  attributes['candor.jvm.collector'] AS collector,
  newest.1 AS heapUsedBytes, newest.2 AS heapCommittedBytes, newest.3 AS heapMaxBytes,
  newest.4 AS threads, limit.2 AS memoryLimitBytes,
  limit.1 IS NOT NULL OR path = '/' AS memoryRead,
  count() OVER () AS total
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs,
    argMax(tuple(heap_used_bytes, heap_committed_bytes, heap_max_bytes, threads), ts) AS newest
  FROM runtime FINAL
  WHERE ${since('rate')}
  GROUP BY entity
) AS figures
INNER JOIN (${known(
  'runtime',
  `attributes, attributes['host.id'] AS hostId, attributes['candor.cgroup.path'] AS path, ${ENDED_MS}`,
)}) AS known USING entity
INNER JOIN (${HOSTS}) AS hosts USING hostId
LEFT JOIN (
  SELECT hostId, path,
    argMax(tuple(memory_usage_bytes, memory_limit_effective_bytes), ts) AS limit
  FROM container FINAL
  INNER JOIN (${known(
    'container',
    `attributes['host.id'] AS hostId, attributes['candor.cgroup.path'] AS path`,
  )}) AS owners USING entity
  WHERE ${since('rate')}
  GROUP BY hostId, path
) AS owner USING (hostId, path)
WHERE ${IS_THERE}
ORDER BY heapCommittedBytes DESC NULLS LAST, id
LIMIT {limit:UInt32}`

/** A clock that went back makes an answer of the future, which is of no use. */
const isFresh = (ageMs: number) => ageMs >= 0 && ageMs < CACHE_MS

type MachineRow = Nullable<MachineEntity> & Counted
type ContainerRow = Nullable<ContainerEntity> & Counted & { readonly cpuRead: number | null }
type RuntimeRow = Nullable<RuntimeEntity> & Counted & { readonly memoryRead: boolean }

export class Entities {
  readonly #store: Pick<Store, 'query'>
  readonly #tenant: string
  #cached: { readonly timeMs: number; readonly list: Promise<EntityList> } | undefined

  constructor({ store, tenant = '' }: { store: Pick<Store, 'query'>; tenant?: string }) {
    this.#store = store
    this.#tenant = tenant
  }

  list(nowMs: number): Promise<EntityList> {
    if (this.#cached === undefined || !isFresh(nowMs - this.#cached.timeMs)) {
      const list = this.#read(nowMs)
      this.#cached = { timeMs: nowMs, list }
      list.catch(() => (this.#cached = undefined))
    }
    return this.#cached.list
  }

  async #read(nowMs: number): Promise<EntityList> {
    const params = {
      tenant: this.#tenant,
      now: nowMs,
      rate: nowMs - RATE_MS,
      recent: nowMs - RECENT_MS,
      silent: nowMs - SILENT_MS,
      until: until(nowMs),
      limit: limits.apiRows.value,
    }
    const machines = await this.#store.query<MachineRow>(MACHINES, params)
    const containers = await this.#store.query<ContainerRow>(CONTAINERS, params)
    const runtimes = await this.#store.query<RuntimeRow>(RUNTIMES, params)
    const unread = await this.#store.query<Unread>(UNREAD, params)
    return {
      timeMs: nowMs,
      totals: {
        machine: Number(machines[0]?.total ?? 0),
        container: Number(containers[0]?.total ?? 0),
        runtime: Number(runtimes[0]?.total ?? 0),
      },
      unread,
      entities: [
        ...machines.map(machineEntity),
        ...containers.map(containerEntity),
        ...runtimes.map(runtimeEntity),
      ],
    }
  }
}

/** What was measured before a machine went silent is not how it is now. */
function machineEntity(row: MachineRow): MachineEntity {
  return present<MachineEntity>(row.state === 'silent' ? { ...row, ...NO_FIGURES } : row)
}

const NO_FIGURES = {
  cpuCores: null,
  cpuUsedCores: null,
  memoryBytes: null,
  memoryUsedBytes: null,
  load1: null,
  uptimeSeconds: null,
}

function containerEntity(row: ContainerRow): ContainerEntity {
  return {
    ...present<ContainerEntity>(row),
    ...limitOf('cpuLimitCores', row.cpuLimitCores, row.cpuRead !== null),
    ...limitOf('memoryLimitBytes', row.memoryLimitBytes, row.memoryWorkingSetBytes !== null),
  }
}

function runtimeEntity(row: RuntimeRow): RuntimeEntity {
  return {
    ...present<RuntimeEntity>(row),
    ...limitOf('memoryLimitBytes', row.memoryLimitBytes, row.memoryRead),
  }
}

/** A limit that is absent although its controller was read does not exist: null. */
const limitOf = (key: string, limit: number | null, controllerRead: boolean) =>
  limit === null && controllerRead ? { [key]: null } : {}

const INTERNAL = new Set(['total', 'cpuRead', 'memoryRead'])

/** Without what was absent: NULL in a column, no such attribute. */
const present = <T>(row: Nullable<T>): T =>
  Object.fromEntries(
    Object.entries(row).filter(
      ([key, value]) => !INTERNAL.has(key) && value !== null && (value !== '' || key === 'name'),
    ),
  ) as T
