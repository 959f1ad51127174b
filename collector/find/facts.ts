/**
 * Changes of what is said of workloads: flags, versions, images, limits at the start; each with the
 * time from which on it held.
 *
 * A process seldom changes what it is, but the next one of the same workload may differ: a change is
 * a value that is not the one that was said last of that workload. What an entity only said again,
 * such as after a restart of the collector, is none, whatever others said in between.
 */
import { at, known, ms } from './sql.ts'
import type { Store } from '../store/store.ts'

export interface FactChange {
  readonly workload: string
  readonly kind: string
  readonly name: string
  readonly value: string
  /** Absent where nothing was said before. */
  readonly before?: string
  readonly sinceMs: number
  /** Id of the entity that said it first. */
  readonly entity: string
  readonly machine?: string
}

export interface FactsWanted {
  readonly workload?: string | undefined
  readonly entity?: string | undefined
  readonly limit: number
}

const previous = (partition: string) => `lagInFrame(toNullable(value)) OVER (
    PARTITION BY ${partition} ORDER BY since, entity
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`

const CHANGES = `
SELECT workload, kind, name, value, before, ${ms('since')} AS sinceMs, toString(entity) AS entity,
  if(host = '', NULL, host) AS machine
FROM (
  SELECT *, ${previous('workload, name')} AS before
  FROM (
    SELECT *, ${previous('workload, name, entity')} AS own
    FROM fact FINAL
    WHERE tenant = {tenant:String} AND since <= ${at('until')}
      AND ({workload:String} = '' OR workload = {workload:String})
      AND ({entity:String} = '' OR entity = toUInt64OrZero({entity:String}))
  )
  WHERE own IS NULL OR own != value
) AS said
LEFT JOIN (
  SELECT entity,
    if(attributes['host.name'] = '', attributes['host.id'], attributes['host.name']) AS host
  FROM (${known('container', 'attributes')} UNION ALL ${known('runtime', 'attributes')})
) AS whose USING entity
WHERE before IS NULL OR before != value
ORDER BY said.since DESC, workload, name
LIMIT {limit:UInt32}`

type Row = Omit<FactChange, 'before' | 'machine'> & {
  readonly before: string | null
  readonly machine: string | null
}

/** The newest first. */
export async function readFacts(
  store: Pick<Store, 'query'>,
  { workload = '', entity = '', limit }: FactsWanted,
  { tenant = '', untilMs }: { tenant?: string; untilMs: number },
): Promise<FactChange[]> {
  const params = { tenant, workload, entity, limit, until: untilMs }
  const rows = await store.query<Row>(CHANGES, params)
  return rows.map(({ before, machine, ...row }) => ({
    ...row,
    ...(before !== null && { before }),
    ...(machine !== null && { machine }),
  }))
}
