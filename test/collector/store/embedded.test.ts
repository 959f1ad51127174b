import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { containerDisk } from '../../../catalog/tables/container-disk.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { ColumnBatch, NOT_A_NUMBER, TableColumns } from '../../../collector/store/columns.ts'
import {
  entityShape,
  firstMetric,
  POINT_VALUE,
  pointShape,
  typedShape,
} from '../../../collector/store/schema.ts'
import { text } from '../../../collector/store/shape.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import type { StoreError } from '../../../collector/store/store-error.ts'
import { silentLog } from '../../../settings/log.ts'
import { storeCases } from './store-cases.ts'

let directory: string
let path: string
let store: Store
const log = silentLog()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-embedded-'))
  path = join(directory, 'data')
  store = await openStore({ path }, log)
})

afterAll(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

storeCases(() => store)

test('a NaN that was measured is not the end of its series', async () => {
  const batch = new ColumnBatch()
  const table = batch.table(pointShape)
  table.append(['nan', 7n, Date.UTC(2026, 5, 1), Number.NaN])
  table.setNotANumber(POINT_VALUE, table.append(['nan', 7n, Date.UTC(2026, 5, 2)]))
  await store.insertRows(batch)
  expect(
    await store.query(
      `SELECT isNaN(value) AS nan, reinterpretAsUInt64(value) = {measured:UInt64} AS measured
       FROM point FINAL WHERE tenant = 'nan' ORDER BY ts`,
      { measured: String(NOT_A_NUMBER) },
    ),
  ).toEqual([
    { nan: 1, measured: 0 },
    { nan: 1, measured: 1 },
  ])
})

test('rows outlive the store, and a table of an earlier version gets its new columns', async () => {
  const last = machine.metrics.at(-1)!.column
  const batch = new ColumnBatch()
  const table = batch.table(typedShape(machine))
  table.setNumber(firstMetric(machine), table.append(['old', 1n, Date.UTC(2026, 5, 1)]), 4)
  await store.insertRows(batch)
  await store.command(`ALTER TABLE machine DROP COLUMN ${last}`)
  // A table that the earlier version did not know.
  await store.command('DROP TABLE container_disk')
  await store.close()
  store = await openStore({ path }, log)
  expect(
    await store.query(
      `SELECT ${machine.metrics[0]!.column} AS first, ${last} AS last FROM machine FINAL WHERE tenant = 'old'`,
    ),
  ).toEqual([{ first: 4, last: null }])
  for (const { table: name, columns } of [
    typedShape(machine),
    typedShape(containerDisk),
    entityShape,
  ]) {
    const present = await store.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = 'candor' AND table = {name:String} ORDER BY position",
      { name },
    )
    expect(present).toEqual(columns.map((column) => ({ name: column.name })))
  }
})

test('tables are merged by sixteen parts, without statistics', async () => {
  const settings = await store.query<{ name: string; value: string }>(
    `SELECT name, value FROM system.merge_tree_settings
     WHERE name IN ('merge_selector_base', 'auto_statistics_types') ORDER BY name`,
  )
  expect(settings).toEqual([
    { name: 'auto_statistics_types', value: '' },
    { name: 'merge_selector_base', value: '16' },
  ])
})

test('the engine keeps no more of its files in memory than it is allowed', async () => {
  const settings = await store.query<{ value: string }>(
    `SELECT DISTINCT value FROM system.server_settings
     WHERE name IN ('mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size')`,
  )
  expect(settings).toEqual([{ value: String(limits.engineCacheBytes.value) }])
})

test('an insert whose columns cannot be written is an insert that failed', async () => {
  const broken = new TableColumns({ table: 'broken', columns: [text('a')] })
  broken.append(['x'])
  broken.values = () => {
    throw new RangeError('Invalid string length')
  }
  const batch = new ColumnBatch()
  batch.filled = () => [broken]
  await expect(store.insertRows(batch)).rejects.toMatchObject({
    code: 'ERR_STORE_INSERT',
    table: 'broken',
  })
})

test('a query that runs does not hold up an evaluation or an insert', async () => {
  const order: string[] = []
  const slow = store
    .query('SELECT sleepEachRow(0.5) FROM numbers(2) SETTINGS max_block_size = 1')
    .then(() => order.push('query'))
  const evaluation = store
    .query('SELECT 1', {}, { session: 'evaluate' })
    .then(() => order.push('evaluation'))
  const batch = new ColumnBatch()
  batch.table(typedShape(machine)).append(['order', 1n, Date.UTC(2026, 5, 1)])
  const insert = store.insertRows(batch).then(() => order.push('insert'))
  await Promise.all([slow, evaluation, insert])
  expect(order.at(-1)).toBe('query')
})

test('two queries with values run side by side', async () => {
  const order: string[] = []
  const slow = store
    .query('SELECT sleepEachRow({s:Float64}) FROM numbers(2) SETTINGS max_block_size = 1', {
      s: 0.5,
    })
    .then(() => order.push('slow'))
  const quick = store.query('SELECT {n:UInt32}', { n: 1 }).then(() => order.push('quick'))
  await Promise.all([slow, quick])
  expect(order).toEqual(['quick', 'slow'])
})

test('a statement that nobody waits for any more ends, and its session answers the next', async () => {
  const stop = new AbortController()
  const asked = store.queryColumns(
    'SELECT sum(sipHash64(number)) AS n FROM numbers({many:UInt64})',
    { many: 1n << 50n },
    { session: 'background', settings: ['max_execution_time = 120'], signal: stop.signal },
  )
  const outcome = asked.then(
    () => 'answered',
    (error: unknown) => (error as StoreError).engineCode,
  )
  const running = async () => {
    const rows = await store.query(
      "SELECT 1 FROM system.processes WHERE query LIKE '%sipHash64(number)%'",
      {},
      { session: 'evaluate' },
    )
    // The question itself is one.
    return rows.length - 1
  }
  await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 30_000 })
  stop.abort()
  expect(await outcome).toBe(394)
  expect(await running()).toBe(0)
  const answer = await store.queryColumns('SELECT 1 AS n', {}, { session: 'background' })
  expect(answer.rows).toBe(1)
  const late = store.queryColumns('SELECT 1 AS n', {}, { signal: stop.signal })
  await expect(late).rejects.toMatchObject({ code: 'ERR_STORE_QUERY' })
})

test('more queries than may wait are refused', async () => {
  const asked = Array.from({ length: limits.queriesWaiting.value + 2 }, () =>
    store.query('SELECT 1', {}, { session: 'evaluate' }).then(
      () => 'answered',
      (error: unknown) => (error as { code: string }).code,
    ),
  )
  const answers = await Promise.all(asked)
  expect(answers.slice(0, -1)).toEqual(answers.slice(0, -1).map(() => 'answered'))
  expect(answers.at(-1)).toBe('ERR_OVERLOADED')
})

const program = fileURLToPath(new URL('open-elsewhere.ts', import.meta.url))

/** What opening a store in another process throws. */
async function openElsewhere(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args])
  return JSON.parse(stdout)
}

test('a second process is told who has the directory', async () => {
  expect(await openElsewhere(path)).toEqual({
    code: 'ERR_STORE_LOCKED',
    message: `${path} is open in another process (pid ${process.pid})`,
  })
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('without the engine the error says that it is missing', async () => {
  expect(await openElsewhere(join(directory, 'none'), 'missing')).toEqual({
    code: 'ERR_STORE_MISSING',
    message: 'the embedded engine (chdb) cannot be loaded: no chdb',
  })
})

test('a damaged directory is refused with a word on where the reason stands', async () => {
  const damaged = join(directory, 'damaged')
  await mkdir(join(damaged, 'metadata'), { recursive: true })
  await writeFile(join(damaged, 'metadata', 'candor.sql'), 'ATTACH nonsense')
  expect(await openElsewhere(damaged)).toEqual({
    code: 'ERR_STORE_OPEN',
    message: expect.stringContaining(`cannot open ${damaged}`),
  })
})

test('a path that is no directory cannot be opened', async () => {
  const file = join(directory, 'file')
  await writeFile(file, '')
  await expect(openStore({ path: file }, log)).rejects.toMatchObject({
    code: 'ERR_STORE_OPEN',
    cause: expect.any(Error),
  })
})
