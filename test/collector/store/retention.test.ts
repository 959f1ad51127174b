import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../../collector/store/open-store.ts'
import {
  dropOld,
  forgetUnseen,
  type Partition,
  partitionsToDrop,
  readPartitions,
  type Retention,
  spanOf,
} from '../../../collector/store/retention.ts'
import type { Store } from '../../../collector/store/store.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'

const DAY = 86_400_000
const now = Date.UTC(2026, 5, 20, 12)
const retention: Retention = { raw: 15 * DAY, minutes: 90 * DAY, hours: 400 * DAY }

const of = (table: string, partition: string, bytes = 10): Partition => ({
  table,
  partition,
  id: partition.replaceAll('-', ''),
  rows: 1,
  bytes,
})

describe('span of a partition', () => {
  const f = (table: string, partition: string, want: readonly string[] | undefined) =>
    expect(
      spanOf(of(table, partition))?.map((ms) => new Date(ms).toISOString().slice(0, 10)),
    ).toEqual(want)
  test('a day', () => f('container', '2026-06-30', ['2026-06-30', '2026-07-01']))
  test('a week', () => f('container_1m', '2026-06-29', ['2026-06-29', '2026-07-06']))
  test('a month', () => f('fact', '202612', ['2026-12-01', '2027-01-01']))
  test('none', () => f('entity', 'tuple()', undefined))
})

describe('what is to go', () => {
  const f = (
    partitions: Partition[],
    want: string[],
    { bytes, made = now }: { bytes?: number; made?: number | undefined } = {},
  ) =>
    expect(
      partitionsToDrop(
        partitions,
        bytes === undefined ? retention : { ...retention, bytes },
        now,
        () => made,
      ).map(({ partition, reason }) => `${partition.table} ${partition.partition} ${reason}`),
    ).toEqual(want)

  test('a day of samples when all of it is old enough', () =>
    f([of('container', '2026-06-04'), of('container', '2026-06-05')], ['container 2026-06-04 age']))
  test('not before it is rolled up', () =>
    f([of('container', '2026-06-01')], [], { made: Date.UTC(2026, 5, 1, 23) }))
  test('a table that is not rolled up, at its age', () =>
    f([of('histogram', '2026-06-01')], ['histogram 2026-06-01 age'], { made: undefined }))
  test('rollups by minute live longer', () =>
    f([of('point_1m', '2026-03-16'), of('point_1m', '2026-03-09')], ['point_1m 2026-03-09 age']))
  test('rollups by hour, slices and facts the longest', () =>
    f(
      ['point_1h', 'slice', 'fact'].flatMap((table) => [of(table, '202504'), of(table, '202505')]),
      ['point_1h 202504 age', 'slice 202504 age', 'fact 202504 age'],
    ))
  test('what has no time stays', () =>
    f([of('entity', 'tuple()'), of('rollup_progress', 'tuple()')], []))
  test('beyond a size the oldest samples, then the oldest minutes, never hours or today', () => {
    const partitions = [
      of('container', '2026-06-19'),
      of('container_1m', '2026-06-01'),
      of('container_1h', '202605'),
      of('container', '2026-06-20'),
      of('point', '2026-06-18'),
    ]
    f(partitions, [], { bytes: 50 })
    f(partitions, ['point 2026-06-18 bytes'], { bytes: 49 })
    f(
      partitions,
      ['point 2026-06-18 bytes', 'container 2026-06-19 bytes', 'container_1m 2026-06-01 bytes'],
      { bytes: 0 },
    )
  })
  test('never what may still be written to, whatever the settings', () => {
    fc.assert(
      fc.property(
        fc.record({
          raw: fc.integer({ min: 1, max: 500 * DAY }),
          minutes: fc.integer({ min: 1, max: 500 * DAY }),
          hours: fc.integer({ min: 1, max: 500 * DAY }),
          bytes: fc.nat(100),
        }),
        fc.array(fc.integer({ min: -5, max: 500 }), { maxLength: 20 }),
        (any, ages) => {
          const partitions = ages.map((age) =>
            of('point', new Date(now - age * DAY).toISOString().slice(0, 10)),
          )
          for (const { partition } of partitionsToDrop(partitions, any, now, () => undefined)) {
            expect(spanOf(partition)![1]).toBeLessThanOrEqual(now)
          }
        },
      ),
    )
  })
})

describe('in a real store', () => {
  let path: string
  let store: Store
  const own = new OwnMetrics()
  const options = () => ({ store, own, retention, madeMs: () => now })
  const ago = (days: number) => `fromUnixTimestamp64Milli(toInt64(${now - days * DAY}), 'UTC')`

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'candor-retention-'))
    store = await openStore({ path }, silentLog())
  })
  afterAll(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })

  test('old partitions go and are counted, the others stay', async () => {
    await store.command(
      `INSERT INTO point SELECT '', 1, t, 1 FROM (SELECT arrayJoin([${ago(20)}, ${ago(1)}, ${ago(0)}]) AS t)`,
    )
    await dropOld(options(), now)
    expect(await store.query('SELECT toFloat64(count()) AS n FROM point')).toEqual([{ n: 2 }])
    expect((await readPartitions(store)).map(({ partition }) => partition)).toContain('2026-06-19')
    expect(await own.render()).toContain(
      'candor_store_dropped_rows_total{table="point",reason="age"} 1',
    )
    expect(await store.query('SELECT * FROM system.mutations')).toEqual([])
  })

  test('entities and series that were not seen for longest are forgotten, others are not', async () => {
    for (const [id, days] of [
      [1, 401],
      [2, 399],
    ]) {
      await store.command(
        `INSERT INTO entity SELECT '', 'machine', ${id}, map(), ${ago(450)}, ${ago(days!)}, NULL`,
      )
      await store.command(
        `INSERT INTO series SELECT '', ${id}, 'up', 'gauge', map(), ${ago(450)}, ${ago(days!)}`,
      )
    }
    // The engine looks at its own clock for what is too old.
    const late = { ...options(), retention: { ...retention, hours: 400 * DAY + Date.now() - now } }
    await forgetUnseen(late, Date.now())
    await forgetUnseen(late, Date.now())
    expect(await store.query('SELECT entity FROM entity FINAL')).toEqual([{ entity: '2' }])
    expect(await store.query('SELECT series FROM series FINAL')).toEqual([{ series: '2' }])
    expect(await own.render()).toContain(
      'candor_store_dropped_rows_total{table="entity",reason="age"} 1',
    )
    expect(await store.query('SELECT * FROM system.mutations')).toEqual([])
  })

  test('a fact that still holds outlives the month in which it was told', async () => {
    await store.command(
      `INSERT INTO entity SELECT '', 'container', 7, map(), ${ago(500)}, ${ago(1)}, NULL`,
    )
    const told = (id: number, name: string, value: string, days: number) =>
      store.command(
        `INSERT INTO fact SELECT '', 'w', '${name}', ${id}, ${ago(days)}, 'container', '${value}'`,
      )
    await told(7, 'heap', 'old', 470)
    await told(7, 'heap', 'then', 460)
    await told(7, 'cpu', '1', 460)
    await told(7, 'cpu', '2', 10)
    await told(8, 'heap', 'of one that is gone', 460)
    await dropOld(options(), now)
    expect(
      await store.query('SELECT name, entity, value FROM fact FINAL ORDER BY name, since'),
    ).toEqual([
      { name: 'cpu', entity: '7', value: '1' },
      { name: 'cpu', entity: '7', value: '2' },
      { name: 'heap', entity: '7', value: 'then' },
    ])
  })
})
