import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterSchema, clusterTable, isClusterName } from '../../../collector/store/cluster.ts'
import { openEmbedded } from '../../../collector/store/embedded.ts'
import { makeCluster, readSchema } from '../../../collector/store/migrate.ts'
import { SCHEMA_VERSION } from '../../../collector/store/migrations.ts'
import type { Store } from '../../../collector/store/store.ts'

const DAY = 86_400_000
const retention = { raw: 15 * DAY, minutes: 90 * DAY, hours: 400 * DAY }
const schema = await readSchema()
const { tables: ddl } = schema
const statements = clusterSchema(schema, 'main', retention)

test.for(['entity', 'runtime_gc', 'runtime_gc_1m', 'runtime_gc_1h', 'slice', 'schema_version'])(
  '%s on a cluster',
  async (table) => {
    await expect(clusterTable(ddl.get(table)!, 'main', retention).join('\n')).toMatchFileSnapshot(
      `../../golden/store/cluster/${table}.sql`,
    )
  },
)

test('every table is replicated, and all but notes are on shards under their own name', () => {
  const names = (pattern: RegExp) =>
    statements.flatMap((text) => pattern.exec(text)?.[1] ?? []).toSorted()
  const made = names(/CREATE TABLE IF NOT EXISTS candor\.(\w+) ON CLUSTER 'main'/)
  const replicated = names(/candor\.(\w+) ON CLUSTER[\s\S]*\nENGINE = Replicated\w+\(/)
  const spread = names(/ENGINE = Distributed\('main', 'candor', '(\w+)_local', \S/)
  const notes = ['rollup_progress', 'schema_version']
  expect([...spread, ...notes].toSorted()).toEqual([...ddl.keys()].toSorted())
  expect(replicated).toEqual([...spread.map((name) => `${name}_local`), ...notes].toSorted())
  expect(made).toEqual([...replicated, ...spread].toSorted())
})

test('the key that rows are spread by is part of the key that they merge by', () => {
  for (const text of statements) {
    const [, table, key] = /'(\w+)_local', (.+)\)\n$/.exec(text) ?? []
    if (table === undefined) continue
    const order = /ORDER BY \((.+)\)/.exec(ddl.get(table)!)![1]!.split(', ')
    for (const column of key!.replace('cityHash64', '').match(/\w+/g)!) {
      expect(order, `${table} by ${key}`).toContain(column)
    }
  }
})

test.for([
  ['main', true],
  ['a-b_2', true],
  ["x'; DROP TABLE y", false],
  ['', false],
  ['1a', false],
] as const)('%j as a name: %j', ([name, want]) => {
  expect(isClusterName(name)).toBe(want)
})

let path: string
let store: Store
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-cluster-'))
  store = await openEmbedded(path)
})
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true })
})

/** The embedded engine has no cluster, but it has the grammar. */
test('the engine can read every statement', async () => {
  for (const sql of statements) {
    const [row] = await store.query<{ text: string }>('SELECT formatQuery({sql:String}) AS text', {
      sql,
    })
    expect(row!.text).toMatch(/^CREATE ((TABLE|DATABASE) IF NOT EXISTS|OR REPLACE VIEW) candor/)
  }
})

test('a cluster of another version is left alone', async () => {
  await store.command(ddl.get('schema_version')!)
  const told: string[] = []
  const watched = {
    query: store.query.bind(store),
    command: async (sql: string) => void told.push(sql),
  }
  const make = (version: number) =>
    store
      .command(`INSERT INTO schema_version SELECT ${version}, 'x', now64(3)`)
      .then(() => makeCluster(watched, 'main', retention))
  await expect(make(1)).rejects.toMatchObject({
    code: 'ERR_STORE_OPEN',
    message: expect.stringContaining('by hand'),
  })
  expect(told).toEqual([])
  await make(SCHEMA_VERSION)
  expect(told).toEqual(statements)
  await expect(make(SCHEMA_VERSION + 1)).rejects.toMatchObject({ code: 'ERR_STORE_NEWER' })
})
