/**
 * The schema on a cluster of ClickHouse servers: each table is a replicated one on every shard
 * (`x_local`) and a Distributed one over these under its plain name, so that queries and inserts are
 * those of a single server. All rows of an entity or a series are on one shard, where they merge.
 *
 * What a collector notes for itself is small and the same everywhere: one replicated table over all
 * servers, without shards.
 *
 * The servers have to know the macros {shard} and {replica}. They drop old rows themselves, by whole
 * parts: a collector makes no rollups and keeps no retention on a cluster.
 */
import { DATABASE } from './ask.ts'
import { longestMs, type Retention, timesKept } from './retention.ts'

/** Same path on all shards, so that all servers are replicas of one table. */
const EVERYWHERE: readonly string[] = ['schema_version', 'rollup_progress']

/** By what rows are spread: what they merge by, without keys and time. */
const SHARDING: Readonly<Record<string, string>> = {
  slice: 'cityHash64(tenant, service, slo)',
  fact: 'entity',
}

/** Names that need no quotes in SQL and no escape in a path. */
export const isClusterName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)

/** The statement that makes one table, in its pieces. */
const TABLE =
  /^(?<comment>(?:--.*\n)*)CREATE TABLE IF NOT EXISTS (?<table>\w+)\n(?<columns>\([\s\S]*\n\))\nENGINE = (?<engine>\w+)\n(?<partition>PARTITION BY .*\n)?(?<order>ORDER BY .*)\nSETTINGS (?<settings>.*)\n$/

/** Statements for one table, given the one that makes it on a single server. */
export function clusterTable(ddl: string, cluster: string, retention: Retention): string[] {
  const groups = TABLE.exec(ddl)?.groups
  if (groups === undefined) throw new Error(`not a table of ours: ${ddl.slice(0, 80)}`)
  const { comment, table, columns, engine, partition = '', order, settings } = groups
  const on = `ON CLUSTER '${cluster}'`
  const replicated = (name: string, path: string, replica: string, ttl: string) =>
    `${comment}CREATE TABLE IF NOT EXISTS ${DATABASE}.${name} ${on}
${columns}
ENGINE = Replicated${engine}('/clickhouse/tables/${path}', '${replica}')
${partition}${order}
${ttl}SETTINGS ${settings}
`
  if (EVERYWHERE.includes(table!)) {
    return [replicated(table!, `all/${DATABASE}/${table}`, '{shard}-{replica}', '')]
  }
  const { clause, onlyParts } = ttlOf(table!, columns!, partition, retention)
  const local = replicated(`${table}_local`, `{shard}/${DATABASE}/${table}`, '{replica}', clause)
  const sharding = SHARDING[table!] ?? (/^ {4}series /m.test(columns!) ? 'series' : 'entity')
  return [
    onlyParts ? local.replace(/(SETTINGS .*)\n$/, '$1, ttl_only_drop_parts = 1\n') : local,
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.${table} ${on} AS ${DATABASE}.${table}_local
ENGINE = Distributed('${cluster}', '${DATABASE}', '${table}_local', ${sharding})
`,
  ]
}

/** Whole parts go where rows lie by time; an entity goes when it was not seen for long. */
function ttlOf(
  table: string,
  columns: string,
  partition: string,
  retention: Retention,
): { readonly clause: string; readonly onlyParts: boolean } {
  const seconds = (ms: number) => `toIntervalSecond(${Math.ceil(ms / 1_000)})`
  if (partition === '') {
    const isSeen = /^ {4}last_seen /m.test(columns)
    const ttl = `TTL toDateTime(last_seen) + ${seconds(longestMs(retention))}\n`
    return { clause: isSeen ? ttl : '', onlyParts: false }
  }
  const time = /\((\w+)\)/.exec(partition)![1]!
  // What still holds of an entity must not go with the time at which it was said.
  if (table === 'fact') return { clause: '', onlyParts: false }
  const named = partition.includes('toYYYYMM') ? '202601' : '2026-01-01'
  const of = { table, partition: named, id: '', rows: 0, bytes: 0 }
  const { forMs } = timesKept(of, retention)
  return { clause: `TTL toDateTime(${time}) + ${seconds(forMs)}\n`, onlyParts: true }
}

/** DDL by name. */
export interface Schema {
  readonly tables: ReadonlyMap<string, string>
  readonly views: ReadonlyMap<string, string>
}

/** A view is on every server, and reads what is on all. */
const clusterView = (ddl: string, cluster: string): string =>
  ddl.replace(/^(CREATE OR REPLACE VIEW [\w.]+)$/m, `$1 ON CLUSTER '${cluster}'`)

/** All statements, in their order. */
export const clusterSchema = (
  { tables, views }: Schema,
  cluster: string,
  retention: Retention,
): string[] => [
  `CREATE DATABASE IF NOT EXISTS ${DATABASE} ON CLUSTER '${cluster}'\n`,
  ...[...tables.values()].flatMap((text) => clusterTable(text, cluster, retention)),
  ...[...views.values()].map((text) => clusterView(text, cluster)),
]
