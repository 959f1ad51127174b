import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { container } from '../../../../catalog/tables/container.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { openStore } from '../../../../collector/store/open-store.ts'
import { backUp, restore } from '../../../../collector/store/operate/backup.ts'
import { compact } from '../../../../collector/store/operate/compact.ts'
import { exportTable } from '../../../../collector/store/operate/export.ts'
import { readStats } from '../../../../collector/store/operate/stats.ts'
import { SCHEMA_VERSION } from '../../../../collector/store/migrations.ts'
import {
  entityShape,
  firstMetric,
  pointShape,
  typedShape,
} from '../../../../collector/store/schema.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { silentLog } from '../../../../settings/log.ts'

const run = promisify(execFile)
const DAY = 86_400_000
const start = Date.UTC(2026, 5, 1, 12)
const now = start + 3 * DAY
const retention = { raw: 15 * DAY, minutes: 90 * DAY, hours: 400 * DAY }

let directory: string
let path: string
let store: Store

const open = async () => {
  store = await openStore({ path }, silentLog())
}
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "candor-operate-o'<&"))
  path = join(directory, 'data')
  await open()
  for (let day = 0; day < 4; day++) {
    for (let i = 0; i < 3; i++) {
      const batch = new ColumnBatch()
      const table = batch.table(typedShape(container))
      const row = table.append(['a', 7n, start + day * DAY + i])
      table.setNumber(firstMetric(container), row, day + i)
      table.setNumber(firstMetric(container) + 1, row, Number.NaN)
      batch.table(pointShape).append(['a', 2n ** 64n - 1n, start + day * DAY + i, 0.1])
      batch.table(entityShape).append(['a', 'machine', 7n, '{"host.id":"ü\\n"}', start, start])
      await store.insertRows(batch)
    }
  }
})
afterAll(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

test('stats count what is there, by table', async () => {
  const { tables, bytesPerSample, disk, forecast } = await readStats(store, retention, now)
  expect(disk!.freeBytes).toBeGreaterThan(0)
  expect(disk!.sizeBytes).toBeGreaterThan(disk!.freeBytes)
  expect(tables.find(({ table }) => table === 'container')).toEqual({
    table: 'container',
    rows: 12,
    samples: 12,
    bytes: expect.any(Number),
    partitions: 4,
    fromMs: start - DAY / 2,
    toMs: start + 3.5 * DAY,
  })
  expect(tables.find(({ table }) => table === 'point')).toMatchObject({ samples: 12 })
  expect(tables.find(({ table }) => table === 'entity')).not.toHaveProperty('samples')
  expect(bytesPerSample).toBeGreaterThan(0)
  expect(forecast.bytesPerDay).toBeGreaterThan(0)
  expect(forecast.finalBytes).toBeGreaterThan(forecast.bytes)
})

const parts = (table: string) =>
  store.query<{ partition: string; n: number }>(
    `SELECT partition, toFloat64(count()) AS n FROM system.parts
     WHERE database = 'candor' AND active AND table = {table:String} GROUP BY partition ORDER BY partition`,
    { table },
  )

test('compaction leaves one part of what is closed, and as many as there are of the rest', async () => {
  const rows = () => store.query('SELECT * FROM container FINAL ORDER BY ts')
  const before = await rows()
  const newest = (await parts('container')).at(-1)
  expect(await compact(store, now, () => true)).toMatchObject({ partitions: 0 })
  const { partitions, left } = await compact(store, now, () => false)
  expect(left).toBe(0)
  expect(partitions).toBeLessThanOrEqual(6)
  expect((await parts('container')).map(({ n }) => n)).toEqual([1, 1, 1, newest!.n])
  expect(await rows()).toEqual(before)
})

test('an export is read back as it was, and writes over nothing', async () => {
  const file = join(directory, 'container.parquet')
  const fromMs = start + DAY
  expect(
    await exportTable(store, { table: 'container', fromMs, toMs: start + 2 * DAY }, file),
  ).toBe(3)
  expect((await readFile(file)).subarray(0, 4).toString()).toBe('PAR1')
  const [first] = container.metrics
  expect(
    await store.query(
      `SELECT tenant, entity, toUnixTimestamp64Milli(ts) AS ms, ${first!.column} AS value
       FROM file({file:String}, 'Parquet') ORDER BY ts`,
      { file },
    ),
  ).toEqual(
    [0, 1, 2].map((i) => ({ tenant: 'a', entity: '7', ms: String(fromMs + i), value: 1 + i })),
  )
  await expect(exportTable(store, { table: 'container' }, file)).rejects.toMatchObject({
    code: 'ERR_STORE_QUERY',
  })
  expect(await exportTable(store, { table: 'entity' }, join(directory, 'entity.parquet'))).toBe(1)
  // Sketches are of no use to others.
  expect(
    await exportTable(store, { table: 'container_1h' }, join(directory, 'hours.parquet')),
  ).toBe(0)
})

test('a table that is not there is named, and never run', async () => {
  for (const table of ['nothing', 'point; DROP TABLE point', '']) {
    await expect(
      exportTable(store, { table }, join(directory, 'no.parquet')),
    ).rejects.toMatchObject({
      code: 'ERR_STORE_QUERY',
      message: expect.stringContaining('no table'),
    })
  }
  expect(existsSync(join(directory, 'no.parquet'))).toBe(false)
  expect(await parts('point')).toHaveLength(4)
})

/** Every row of every table. */
async function everything(): Promise<unknown> {
  const tables = await store.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'candor' ORDER BY name",
  )
  const rows: Record<string, unknown> = {}
  for (const { name } of tables) {
    const all = await store.query(`SELECT * FROM ${name} FINAL`)
    rows[name] = all.map((row) => JSON.stringify(row)).toSorted()
  }
  return rows
}

test('a store that is restored answers as the one that was copied', async () => {
  const before = await everything()
  const copy = join(directory, 'copy')
  await store.close()
  await backUp(path, copy)
  // What is done afterwards is not in the copy.
  await open()
  await store.command('TRUNCATE TABLE point')
  await store.close()
  const kept = path
  path = join(directory, 'restored')
  await restore(copy, path)
  await open()
  expect(await everything()).toEqual(before)
  expect(await store.query('SELECT max(version) AS version FROM schema_version')).toEqual([
    { version: SCHEMA_VERSION },
  ])
  await store.close()
  await expect(restore(copy, kept)).rejects.toMatchObject({
    code: 'ERR_STORE_BACKUP',
    message: expect.stringContaining('already'),
  })
  await expect(backUp(kept, copy)).rejects.toMatchObject({ code: 'ERR_STORE_BACKUP' })
  await expect(backUp(kept, join(directory, 'no', 'copy'))).rejects.toMatchObject({
    code: 'ERR_STORE_BACKUP',
  })
  await expect(restore(join(directory, 'none'), join(directory, 'x'))).rejects.toMatchObject({
    code: 'ERR_STORE_BACKUP',
  })
  const empty = join(directory, 'empty')
  await mkdir(empty)
  await expect(restore(empty, join(directory, 'x'))).rejects.toMatchObject({
    code: 'ERR_STORE_BACKUP',
    message: expect.stringContaining('cannot restore'),
  })
  path = kept
  await open()
})

test('of a copy that is damaged nothing is restored', async () => {
  const copy = join(directory, 'damaged')
  await store.close()
  await backUp(path, copy)
  const files = await readdir(copy, { recursive: true, withFileTypes: true })
  const data = files.filter(({ name }) => name === 'data.bin')
  expect(data.length).toBeGreaterThan(0)
  for (const { parentPath, name } of data) await truncate(join(parentPath, name), 10)
  const target = join(directory, 'half')
  const cannot = { code: 'ERR_STORE_BACKUP', message: expect.stringContaining('cannot restore') }
  await expect(restore(copy, target)).rejects.toMatchObject(cannot)
  // Nor is there a part of a store now that would be taken for all of it.
  await expect(restore(copy, target)).rejects.toMatchObject(cannot)
  await open()
})

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('a full disk is an error, and leaves nothing behind', async () => {
  const disk = join(directory, 'small')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
  try {
    await store.command(
      `INSERT INTO point SELECT 'a', number, fromUnixTimestamp64Milli(${start}), rand64() FROM numbers(20000)`,
    )
    await expect(
      exportTable(store, { table: 'point' }, join(disk, 'point.parquet')),
    ).rejects.toMatchObject({ message: expect.stringContaining('the disk may be full') })
    await store.close()
    await expect(backUp(path, join(disk, 'copy'))).rejects.toMatchObject({
      code: 'ERR_STORE_BACKUP',
      message: expect.stringContaining('the disk may be full'),
    })
    expect(await readdir(disk)).toEqual([])
    await open()
  } finally {
    await run('umount', [disk])
  }
})
