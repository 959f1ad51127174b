import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbedded } from '../../../collector/store/embedded.ts'
import { alterTable, migrate, type PresentColumn } from '../../../collector/store/migrate.ts'
import { MIGRATIONS, SCHEMA_VERSION } from '../../../collector/store/migrations.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import { type ColumnDefinition, literal } from '../../../collector/store/column-sql.ts'
import type { Store } from '../../../collector/store/store.ts'
import { silentLog } from '../../../settings/log.ts'

const OLD = new URL('../../fixtures/store/version-1/', import.meta.url)
const log = silentLog()

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-migrate-'))
})
afterEach(() => rm(path, { recursive: true }))

/** Everything that the engine knows of our columns; parts, rows and the like are not in it. */
const columns = (store: Store) =>
  store.query<PresentColumn>(
    `SELECT table, position, name, type, compression_codec AS codec, comment
     FROM system.columns WHERE database = 'candor' ORDER BY table, position`,
  )
const versions = (store: Store) =>
  store.query('SELECT version FROM schema_version FINAL ORDER BY version')

/** A directory as an earlier program left it, with a row in each table. */
async function oldStore(): Promise<void> {
  const store = await openEmbedded(path)
  for (const file of await readdir(OLD)) {
    if (file.endsWith('.sql')) await store.command(await readFile(new URL(file, OLD), 'utf8'))
  }
  const AT = "toDateTime64('2026-06-01 12:00:00.123', 3, 'UTC')"
  for (const statement of [
    `INSERT INTO entity SELECT 'old', 'machine', 7, map('host.id', 'a'), ${AT}, ${AT}`,
    `INSERT INTO series SELECT 'old', 1, 'up', 'gauge', map('job', 'x'), ${AT}, ${AT}`,
    `INSERT INTO fact SELECT 'old', 'w', 'n', 7, ${AT}, 'container', 'v'`,
    `INSERT INTO point SELECT 'old', 1, ${AT}, 0.1`,
    `INSERT INTO slice SELECT 'old', 's', 'o', 1, ${AT}, 9, 10`,
    `INSERT INTO container_disk (tenant, entity, ts, device, reads) SELECT 'old', 7, ${AT}, 'sda', 5`,
    `INSERT INTO runtime_gc SELECT 'old', 7, ${AT}, 'G1', 3, 0.25`,
  ]) {
    await store.command(statement)
  }
  await store.close()
}

describe('a store of before versions were kept', () => {
  test('gets the tables, columns, codecs and comments of a new one, and keeps its rows', async () => {
    await oldStore()
    const migrated = await openStore({ path }, log)
    const after = await columns(migrated)
    const counts = await migrated.query(
      `SELECT table, toFloat64(sum(rows)) AS rows FROM system.parts
       WHERE database = 'candor' AND active AND table != 'schema_version' GROUP BY table ORDER BY table`,
    )
    const row = await migrated.query(
      'SELECT kind, attributes, first_seen, ended_ms FROM entity FINAL',
    )
    const mutations = await migrated.query('SELECT * FROM system.mutations')
    const noted = await versions(migrated)
    await migrated.close()
    await rm(path, { recursive: true })
    const fresh = await openStore({ path }, log)
    // No table changes its engine, and Coalescing does the same for plain types, slowly.
    const plain = ({ type, ...column }: PresentColumn) => ({
      ...column,
      type: type.replace(/^SimpleAggregateFunction\(anyLast, (Nullable\(Float64\))\)$/, '$1'),
    })
    expect(after.map(plain)).toEqual((await columns(fresh)).map(plain))
    expect(noted).toEqual(MIGRATIONS.map(({ version }) => ({ version })))
    expect(await versions(fresh)).toEqual([{ version: SCHEMA_VERSION }])
    await fresh.close()
    expect(counts).toEqual(
      ['container_disk', 'entity', 'fact', 'point', 'runtime_gc', 'series', 'slice'].map(
        (table) => ({ table, rows: 1 }),
      ),
    )
    expect(row).toEqual([
      {
        kind: 'machine',
        attributes: { 'host.id': 'a' },
        first_seen: '2026-06-01 12:00:00.123',
        ended_ms: null,
      },
    ])
    expect(mutations).toEqual([])
  })

  test('is migrated again where the process ended before that was noted', async () => {
    await oldStore()
    const once = await openStore({ path }, log)
    const after = await columns(once)
    await once.command('TRUNCATE TABLE schema_version')
    await once.close()
    const twice = await openStore({ path }, log)
    expect(await columns(twice)).toEqual(after)
    expect(await versions(twice)).toEqual(MIGRATIONS.map(({ version }) => ({ version })))
    await twice.close()
  })
})

const VERSION_2 = new URL('../../fixtures/store/version-2/', import.meta.url)

describe('a store of version 2', () => {
  const AT = "toDateTime64('2026-06-01 12:00:00', 3, 'UTC')"
  const since2 = MIGRATIONS.map(({ version }) => ({ version }))
  const means = (store: Store) =>
    store.query(
      `SELECT ts, duration_seconds__avg AS mean, duration_seconds__max AS most, success__avg AS success
       FROM machine_reader_1m FINAL ORDER BY ts`,
    )

  async function oldWindows(): Promise<void> {
    const store = await openEmbedded(path)
    for (const file of await readdir(VERSION_2)) {
      if (file.endsWith('.md')) continue
      await store.command(await readFile(new URL(file, VERSION_2), 'utf8'))
    }
    await store.command("INSERT INTO schema_version SELECT 2, '0.1.0', now64(3)")
    await store.command(
      `INSERT INTO machine_reader_1m (tenant, entity, ts, collector, duration_seconds__max,
         duration_seconds__sum, duration_seconds__count) SELECT '', 7, ${AT}, 'disk', 4, 10, 4`,
    )
    await store.close()
  }

  test('has a mean of each window that is there, also when it is merged with new ones', async () => {
    await oldWindows()
    const store = await openStore({ path }, log)
    const old = { ts: '2026-06-01 12:00:00.000', mean: 2.5, most: 4, success: null }
    expect(await means(store)).toEqual([old])
    await store.command(
      `INSERT INTO machine_reader_1m (tenant, entity, ts, collector, samples, duration_seconds__max, duration_seconds__avg)
       SELECT '', 7, ${AT} + INTERVAL 1 MINUTE, 'disk', 4, 3, 2`,
    )
    await store.command('OPTIMIZE TABLE machine_reader_1m FINAL')
    const made = { ts: '2026-06-01 12:01:00.000', mean: 2, most: 3, success: null }
    expect(await means(store)).toEqual([old, made])
    expect(await versions(store)).toEqual(since2)
    await store.close()
  })

  test('is brought on where the process ended after any of the statements', async () => {
    await oldWindows()
    const whole = await openEmbedded(path)
    let made = 0
    for (let stop = 0; ; stop += 1 + Math.floor(stop / 3)) {
      made = 0
      const cut: Pick<Store, 'query' | 'command'> = {
        query: (...of) => whole.query(...of),
        command: async (sql) => {
          if (made === stop) throw new Error('power cut')
          made += 1
          await whole.command(sql)
        },
      }
      const isCut = await migrate(cut).then(
        () => false,
        () => true,
      )
      if (!isCut) break
    }
    const after = await columns(whole)
    expect(await means(whole)).toMatchObject([{ mean: 2.5 }])
    expect(await versions(whole)).toEqual(since2)
    await whole.close()
    const again = await openStore({ path }, log)
    expect(await columns(again)).toEqual(after)
    await again.close()
  })
})

test('a store of a later program is refused and stays as it is', async () => {
  const store = await openStore({ path }, log)
  await store.command(`INSERT INTO schema_version SELECT ${SCHEMA_VERSION + 1}, 'later', now64(3)`)
  await store.command('DROP TABLE slice')
  await store.close()
  await expect(openStore({ path }, log)).rejects.toMatchObject({
    code: 'ERR_STORE_NEWER',
    message: `the store has version ${SCHEMA_VERSION + 1} of the schema, this program knows ${SCHEMA_VERSION} and earlier`,
  })
  const engine = await openEmbedded(path)
  expect(await engine.query("SELECT name FROM system.tables WHERE name = 'slice'")).toEqual([])
  await engine.close()
})

test('migrations are numbered without a gap, and none touches a row', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 2))
  for (const statement of MIGRATIONS.flatMap(({ statements }) => statements)) {
    expect(statement).not.toMatch(/\b(DELETE|UPDATE|DROP COLUMN|MATERIALIZE|RENAME COLUMN)\b/i)
  }
})

describe('what changes in a table', () => {
  const wanted: ColumnDefinition[] = [
    { name: 'a', type: 'UInt64', comment: 'first' },
    { name: 'b', type: 'Float64', codec: 'CODEC(ZSTD(1))', comment: "b's" },
  ]
  const present: PresentColumn[] = wanted.map(({ name, type, codec = '', comment }) => ({
    table: 't',
    name,
    type,
    codec,
    comment,
  }))
  const f = (found: PresentColumn[], want: string[]) =>
    expect(alterTable('t', wanted, found)).toEqual(want)

  test('nothing where it is as wanted', () => f(present, []))
  test('a column more is left alone', () =>
    f([...present, { table: 't', name: 'c', type: 'String', codec: '', comment: '' }], []))
  test('a column that is missing, behind its neighbour', () =>
    f(present.slice(0, 1), [
      "ALTER TABLE t ADD COLUMN IF NOT EXISTS b Float64 COMMENT 'b\\'s' CODEC(ZSTD(1)) AFTER a",
    ]))
  test('a codec', () =>
    f(
      [present[0]!, { ...present[1]!, codec: 'CODEC(LZ4)' }],
      ['ALTER TABLE t MODIFY COLUMN b Float64 CODEC(ZSTD(1))'],
    ))
  test('never a type', () => f([present[0]!, { ...present[1]!, type: 'String', codec: '' }], []))
  test('a comment', () =>
    f([present[0]!, { ...present[1]!, comment: '' }], ["ALTER TABLE t COMMENT COLUMN b 'b\\'s'"]))
})

test('a literal is read back as it was', async () => {
  const store = await openEmbedded(path)
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const [row] = await store.query<{ text: string }>(`SELECT ${literal(text)} AS text`)
      expect(row!.text).toBe(text)
    }),
    { numRuns: 50, examples: [["'; DROP TABLE x; --"], ['\\'], ["\\'"], ['\n\nSELECT 1']] },
  )
  await store.close()
})
