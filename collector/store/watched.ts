/**
 * A store whose statements are seen: how many run or wait in each queue, how long each took, and a span
 * of each where spans are asked for. What is received is seen by its commit.
 */
import { typedTables } from '../../catalog/tables.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { type Span, type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { Store, StoreSession } from './store.ts'
import { StoreError } from './store-error.ts'

/** First word, and the first of our tables that is named. */
const WORD = /^\s*([A-Z]+)/
const NAME = /\b(?:FROM|INTO|TABLE) ([a-z_0-9]+)\b/g
const TIER = /_1[mh]$/
const TABLES: ReadonlySet<string> = new Set([
  ...typedTables.map(({ name }) => name),
  'point',
  'histogram',
  'entity',
  'series',
  'fact',
  'slice',
  'rollup_progress',
])

type Queue = StoreSession | 'ingest'

export function watchedStore(store: Store, own: OwnMetrics, tracing: Tracing = UNTRACED): Store {
  const open = { ingest: 0, query: 0, evaluate: 0, background: 0 }
  const count = (queue: Queue, by: 1 | -1) => {
    open[queue] += by
    own.set('storeQueriesOpen', { queue }, open[queue])
  }
  async function watch<T>(
    queue: Queue,
    sql: string,
    work: (span: Span<'query'>) => Promise<T>,
  ): Promise<T> {
    const startMs = performance.now()
    count(queue, 1)
    let result = 'failed'
    try {
      const answer = await tracing.run(
        'query',
        () => titleOf(sql),
        (span) => {
          if (span.link !== undefined) describe(span, queue, sql)
          return work(span)
        },
      )
      result = 'answered'
      return answer
    } catch (error) {
      if (error instanceof StoreError && error.code === 'ERR_OVERLOADED') result = 'refused'
      throw error
    } finally {
      count(queue, -1)
      own.observe('storeQueries', { queue, result }, (performance.now() - startMs) / 1_000)
    }
  }
  return {
    describe: store.describe,
    insertRows: (batch) => store.insertRows(batch),
    query: <T>(
      sql: string,
      params?: Readonly<Record<string, unknown>>,
      options?: { readonly session?: StoreSession },
    ) =>
      watch(options?.session ?? 'query', sql, async (span) => {
        const rows = await store.query<T>(sql, params, options)
        span.set({ 'db.response.returned_rows': rows.length })
        return rows
      }),
    queryColumns: (sql, params, options) =>
      watch(options?.session ?? 'query', sql, async (span) => {
        const answer = await store.queryColumns(sql, params, options)
        span.set({ 'db.response.returned_rows': answer.rows })
        return answer
      }),
    command: (sql, options) =>
      watch(options?.session ?? 'ingest', sql, () => store.command(sql, options)),
    detachedParts: () => store.detachedParts(),
    close: () => store.close(),
  }
}

/** Only names that are ours: what else stands in a statement is never told. */
function tableOf(sql: string): string | undefined {
  for (const [, name] of sql.matchAll(NAME)) if (TABLES.has(name!.replace(TIER, ''))) return name
  return undefined
}

function operationOf(sql: string): string {
  const word = WORD.exec(sql)?.[1] ?? 'OTHER'
  return word === 'WITH' ? 'SELECT' : word
}

const titleOf = (sql: string) => [operationOf(sql), tableOf(sql)].filter(Boolean).join(' ')

function describe(span: Span<'query'>, queue: Queue, sql: string): void {
  const table = tableOf(sql)
  span.set({
    'db.system.name': 'clickhouse',
    'db.operation.name': operationOf(sql),
    'candor.store.queue': queue,
    ...(table !== undefined && { 'db.collection.name': table }),
  })
}
