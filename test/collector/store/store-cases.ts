/** What every kind of store must do; each kind has a test that opens one and runs these cases. */
import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import {
  entityShape,
  histogramShape,
  firstMetric,
  pointShape,
  seriesShape,
  typedShape,
} from '../../../collector/store/schema.ts'
import { Rollups } from '../../../collector/store/rollup/rollups.ts'
import { text } from '../../../collector/store/shape.ts'
import type { Store } from '../../../collector/store/store.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'

/** Executed as SQL by a raw insert, cut short or mangled by a careless one. */
export const HOSTILE = [
  '\n\nCREATE TABLE candor.pwn (a Int8) ENGINE=Memory',
  "\n\n');\nCREATE TABLE candor.pwn (a Int8) ENGINE=Memory; --",
  `'"\\\b\f\r\n\t\0`,
  '{name:String} ?? $1 %s \\N NULL',
  'ünïcödé \u{1f600} \u2028',
  '',
]

const at = Date.UTC(2026, 5, 1, 12, 0, 0, 123)

export function storeCases(opened: () => Store): void {
  const insert = (fill: (batch: ColumnBatch) => void) => {
    const batch = new ColumnBatch()
    fill(batch)
    return opened().insertRows(batch)
  }
  const memoryFree = firstMetric(machine) + columnOf(machine, 'memory_mem_free_bytes')
  const load1 = firstMetric(machine) + columnOf(machine, 'load1')

  test('absent stays NULL, 0 stays 0, and no digit is lost', async () => {
    const values = [0, 0.1, 1 / 3, 2 ** 53 - 1, 1.5e300, -4e-320]
    await insert((batch) => {
      const table = batch.table(typedShape(machine))
      for (const [i, value] of values.entries()) {
        const row = table.append(['absent', 7n, at + i])
        table.setNumber(load1, row, value)
      }
      table.append(['absent', 7n, at + values.length])
    })
    const rows = await opened().query<{ load1: number | null; isNull: number }>(
      "SELECT load1, isNull(load1) AS isNull, isNull(forks) AS b FROM machine FINAL WHERE tenant = 'absent' ORDER BY ts",
    )
    expect(rows.map(({ load1 }) => load1)).toEqual([...values, null])
    expect(rows.map(({ isNull }) => isNull)).toEqual([...values.map(() => 0), 1])
  })

  test('infinities and the end of a series are themselves', async () => {
    const values = [Infinity, -Infinity, Number.NaN]
    await insert((batch) => {
      for (const [i, value] of values.entries()) {
        batch.table(pointShape).append(['infinite', 7n, at + i, value])
      }
    })
    expect(
      await opened().query(
        "SELECT toString(value) AS v FROM point FINAL WHERE tenant = 'infinite' ORDER BY ts",
      ),
    ).toEqual([{ v: 'inf' }, { v: '-inf' }, { v: 'nan' }])
  })

  test('an answer by columns has every kind of value, bit by bit', async () => {
    const stale = '9219994337134247938' // 0x7ff0000000000002
    const answer = await opened().queryColumns(
      `SELECT number AS id, toFloat64(number) AS value, toUInt8(number) AS small,
         toInt16(-number) AS signed, toDateTime64('2026-06-01 12:00:00.123', 3, 'UTC') AS ts,
         concat({text:String}, toString(number)) AS word, toLowCardinality('low') AS low,
         if(number = 1, NULL, toFloat64(number)) AS gap,
         arrayMap(i -> if(i = 1, NULL, i / 2), range(number)) AS grid,
         map(toLowCardinality('key'), toString(number)) AS labels,
         reinterpretAsFloat64({stale:UInt64}) AS mark, toFixedString('ab', 2) AS fixed
       FROM numbers({rows:UInt32}) ORDER BY number`,
      { rows: 3, text: HOSTILE[2], stale },
    )
    expect(answer.rows).toBe(3)
    expect(answer.ids('id')).toEqual(BigUint64Array.of(0n, 1n, 2n))
    expect(answer.numbers('value')).toEqual(Float64Array.of(0, 1, 2))
    expect(answer.numbers('small')).toEqual(Float64Array.of(0, 1, 2))
    expect(answer.numbers('signed')).toEqual(Float64Array.of(0, -1, -2))
    expect([...answer.numbers('ts')]).toEqual([at, at, at])
    expect(answer.texts('word')).toEqual(['0', '1', '2'].map((n) => HOSTILE[2] + n))
    expect(answer.texts('low')).toEqual(['low', 'low', 'low'])
    expect(answer.texts('fixed')).toEqual(['ab', 'ab', 'ab'])
    const { nulls, of: gap } = answer.column('gap', 'nullable')
    expect(nulls).toEqual(Uint8Array.of(0, 1, 0))
    expect(gap.kind === 'numbers' && gap.values[2]).toBe(2)
    const { ends, items } = answer.column('grid', 'arrays')
    expect(ends).toEqual(Float64Array.of(0, 1, 3))
    expect(items).toMatchObject({ kind: 'nullable', nulls: Uint8Array.of(0, 0, 1) })
    expect(answer.column('labels', 'maps').values).toEqual(['0', '1', '2'])
    const [mark] = new BigUint64Array(answer.numbers('mark').buffer)
    expect(String(mark)).toBe(stale)
  })

  test('an answer by columns may be of many blocks, or of none', async () => {
    const many = 200_000
    const answer = await opened().queryColumns(
      `SELECT toFloat64(number) AS n, [number, number + 1] AS pair, toString(number) AS word,
         toLowCardinality(toString(number % 1000)) AS low
       FROM numbers({many:UInt64})`,
      { many },
      { settings: ['max_result_rows = 0', 'max_threads = 1'] },
    )
    expect(answer.rows).toBe(many)
    expect(answer.numbers('n').every((n, i) => n === i)).toBe(true)
    expect(answer.texts('word')[many - 1]).toBe(String(many - 1))
    expect(answer.texts('low').every((low, i) => low === String(i % 1_000))).toBe(true)
    const { ends, items } = answer.column('pair', 'arrays')
    expect(ends.every((end, i) => end === 2 * (i + 1))).toBe(true)
    expect(items.kind === 'ids' && items.values.at(-1)).toBe(BigInt(many))
    const none = await opened().queryColumns('SELECT 1 AS n, [1.5] AS list WHERE 0')
    expect(none.rows).toBe(0)
    expect(none.numbers('n')).toEqual(new Float64Array())
    expect(none.column('list', 'arrays').ends).toEqual(new Float64Array())
  })

  test('a question by columns that fails leaves the next answer whole', async () => {
    const failing = opened().queryColumns(
      'SELECT throwIf(number = 100000) FROM numbers(200000) SETTINGS max_result_rows = 0',
    )
    await expect(failing).rejects.toThrow('query failed')
    expect((await opened().queryColumns('SELECT 1.5 AS n')).numbers('n')).toEqual(
      Float64Array.of(1.5),
    )
  })

  test('buckets keep their order and every digit', async () => {
    await insert((batch) => {
      const table = batch.table(histogramShape)
      const buckets = ['[-3,0,7]', '[1,0.1,9007199254740991]', '[]', '[]']
      table.append(['buckets', 1n, at, 8, 0.1, -4, 1e-300, 2, ...buckets])
      table.append(['buckets', 1n, at + 1, Number.NaN])
    })
    const rows = await opened().query<Record<string, unknown>>(
      "SELECT * EXCEPT (tenant, series, ts) FROM histogram FINAL WHERE tenant = 'buckets' ORDER BY ts",
    )
    expect(rows).toEqual([
      {
        count: 8,
        sum: 0.1,
        scale: -4,
        zero_threshold: 1e-300,
        zero_count: 2,
        positive_buckets: [-3, 0, 7],
        positive_counts: [1, 0.1, 2 ** 53 - 1],
        negative_buckets: [],
        negative_counts: [],
      },
      expect.objectContaining({ count: null, sum: null, positive_buckets: [] }),
    ])
  })

  test('ids keep all 64 bits and times their milliseconds', async () => {
    const ids = [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]
    await insert((batch) => {
      for (const id of ids) batch.table(typedShape(container)).append(['ids', id, at])
    })
    expect(
      await opened().query(
        'SELECT entity, ts, toUnixTimestamp64Milli(ts) AS ms FROM container FINAL WHERE tenant = {tenant:String} ORDER BY entity',
        { tenant: 'ids' },
      ),
    ).toEqual(ids.map((id) => ({ entity: `${id}`, ts: '2026-06-01 12:00:00.123', ms: String(at) })))
  })

  test('a row that is sent twice is one row', async () => {
    const send = () =>
      insert((batch) => {
        const cpu = batch.table(typedShape(machineCpu))
        for (const key of ['0', '1']) {
          const row = cpu.append(['twice', 1n, at, key])
          cpu.setNumber(firstMetric(machineCpu), row, 5)
        }
        batch.table(pointShape).append(['twice', 1n, at, 5])
      })
    await send()
    await send()
    const count = (table: string) =>
      opened().query(`SELECT toFloat64(count()) AS n FROM ${table} FINAL WHERE tenant = 'twice'`)
    expect(await count('machine_cpu')).toEqual([{ n: 2 }])
    expect(await count('point')).toEqual([{ n: 1 }])
  })

  test('columns of one row that come in several inserts are one row', async () => {
    for (const [column, value] of [
      [load1, 0],
      [memoryFree, 4096],
    ] as const) {
      await insert((batch) => {
        const table = batch.table(typedShape(machine))
        table.setNumber(column, table.append(['parts', 1n, at]), value)
      })
    }
    expect(
      await opened().query(
        "SELECT load1, memory_mem_free_bytes AS free, forks FROM machine FINAL WHERE tenant = 'parts'",
      ),
    ).toEqual([{ load1: 0, free: 4096, forks: null }])
  })

  test('points are rolled up by minute and hour, each tenant for itself', async () => {
    const hour = 3_600_000
    const start = Math.floor(at / hour) * hour
    await insert((batch) => {
      for (const [i, tenant] of ['rolled a', 'rolled b'].entries()) {
        for (const value of [1, 2, 4]) {
          batch.table(pointShape).append([tenant, 1n, start + value * 20_000, value * 10 ** i])
        }
      }
    })
    await new Rollups({
      store: opened(),
      own: new OwnMetrics(),
      now: () => start + 2 * hour,
    }).round()
    const rolled = (table: string) =>
      opened().query(
        `SELECT tenant, value__avg AS mean, value__last AS last FROM ${table} FINAL
         WHERE tenant LIKE 'rolled %' ORDER BY tenant, ts`,
      )
    expect(await rolled('point_1m')).toEqual([
      { tenant: 'rolled a', mean: 1.5, last: 2 },
      { tenant: 'rolled a', mean: 4, last: 4 },
      { tenant: 'rolled b', mean: 15, last: 20 },
      { tenant: 'rolled b', mean: 40, last: 40 },
    ])
    const increases = await opened().query(
      `SELECT tenant, value__increase AS increase FROM point_1h FINAL
       WHERE tenant LIKE 'rolled %' ORDER BY tenant`,
    )
    expect(increases).toEqual([
      { tenant: 'rolled a', increase: 2 },
      { tenant: 'rolled b', increase: 20 },
    ])
  })

  test('an entity keeps its first_seen, and has the newest attributes and last_seen', async () => {
    for (const [told, time] of [
      ['{"v":"1"}', at],
      ['{"v":"2"}', at + 60_000],
      ['{"v":"3"}', at + 30_000],
    ] as const) {
      await insert((batch) => {
        batch.table(entityShape).append(['seen', 'machine', 1n, told, time, time])
      })
    }
    expect(
      await opened().query(
        "SELECT attributes, first_seen, last_seen FROM entity FINAL WHERE tenant = 'seen'",
      ),
    ).toEqual([
      {
        attributes: { v: '3' },
        first_seen: '2026-06-01 12:00:00.123',
        last_seen: '2026-06-01 12:01:00.123',
      },
    ])
  })

  test('text is stored as it is and never run', async () => {
    await insert((batch) => {
      for (const [i, hostile] of HOSTILE.entries()) {
        const id = BigInt(i)
        const map = JSON.stringify({ [hostile]: hostile })
        batch.table(typedShape(machineCpu)).append(['hostile', id, at, hostile])
        batch.table(entityShape).append(['hostile', 'machine', id, map, at, at])
        batch.table(seriesShape).append(['hostile', id, hostile, 'gauge', map, at, at])
      }
    })
    const [cpu, entities, series] = await Promise.all([
      opened().query<{ cpu: string }>(
        "SELECT cpu FROM machine_cpu FINAL WHERE tenant = 'hostile' ORDER BY entity",
      ),
      opened().query<{ attributes: Record<string, string> }>(
        "SELECT attributes FROM entity FINAL WHERE tenant = 'hostile' ORDER BY entity",
      ),
      opened().query<{ name: string; labels: Record<string, string> }>(
        "SELECT name, labels FROM series FINAL WHERE tenant = 'hostile' ORDER BY series",
      ),
    ])
    expect(cpu.map((row) => row.cpu)).toEqual(HOSTILE)
    expect(entities.map((row) => row.attributes)).toEqual(HOSTILE.map((each) => ({ [each]: each })))
    expect(series.map((row) => row.name)).toEqual(HOSTILE)
    expect(series.map((row) => row.labels)).toEqual(HOSTILE.map((each) => ({ [each]: each })))
    expect(await opened().query("SELECT name FROM system.tables WHERE name = 'pwn'")).toEqual([])
  })

  test('parameters of a query are values, whatever is in them', async () => {
    for (const hostile of HOSTILE) {
      expect(
        await opened().query('SELECT {a:String} AS a, {b:Array(String)} AS b, {n:UInt64} AS n', {
          a: hostile,
          b: [hostile, 'x'],
          n: 2n ** 64n - 1n,
        }),
      ).toEqual([{ a: hostile, b: [hostile, 'x'], n: '18446744073709551615' }])
    }
    expect(await opened().query("SELECT name FROM system.tables WHERE name = 'pwn'")).toEqual([])
  })

  test('a query that fails says why, and the next has no part of its answer', async () => {
    const failing =
      'SELECT number, throwIf(number = 60000) FROM numbers(100000) SETTINGS max_block_size = 1000'
    for (const session of ['query', 'evaluate'] as const) {
      await expect(opened().query(failing, {}, { session })).rejects.toMatchObject({
        code: 'ERR_STORE_QUERY',
        message: expect.stringContaining('throwIf'),
        cause: expect.any(Error),
      })
      expect(await opened().query('SELECT 2 AS two', {}, { session })).toEqual([{ two: 2 }])
    }
  })

  test('a query with more rows than the limit fails', async () => {
    const rows = limits.queryRows.value + 1
    await expect(
      opened().query('SELECT number FROM numbers({rows:UInt64})', { rows }),
    ).rejects.toMatchObject({ code: 'ERR_STORE_QUERY' })
  })

  test('an insert that fails names its table', async () => {
    const failed = insert((batch) => {
      batch.table({ table: 'nowhere', columns: [text('a')] }).append(['x'])
    })
    await expect(failed).rejects.toMatchObject({ code: 'ERR_STORE_INSERT', table: 'nowhere' })
  })

  test('NaN stays NaN where it is a value: the end of a series', async () => {
    const values = [1, Number.NaN, 0, Number.NaN]
    await insert((batch) => {
      const table = batch.table(pointShape)
      for (const [i, value] of values.entries()) table.append(['ends', 1n, at + i, value])
      table.append(['ends', 1n, at + values.length])
    })
    expect(
      await opened().query(
        "SELECT if(isNaN(value), 'end', toString(value)) AS value FROM point FINAL WHERE tenant = 'ends' ORDER BY ts",
      ),
    ).toEqual(['1', 'end', '0', 'end', 'end'].map((value) => ({ value })))
  })

  test('the end of an entity is the latest that was said, and outlives announcements', async () => {
    for (const ended of [at + 1, at + 2, Number.NaN]) {
      await insert((batch) => {
        batch.table(entityShape).append(['ended', 'container', 1n, '{}', at, at, ended])
      })
    }
    await insert((batch) => {
      batch.table(entityShape).append(['ended', 'container', 2n, '{}', at, at])
    })
    expect(
      await opened().query(
        "SELECT entity, ended_ms FROM entity FINAL WHERE tenant = 'ended' ORDER BY entity",
      ),
    ).toEqual([
      { entity: '1', ended_ms: at + 2 },
      { entity: '2', ended_ms: null },
    ])
  })

  test('nothing is set aside as damaged', async () => {
    expect(await opened().detachedParts()).toBe(0)
  })
}
