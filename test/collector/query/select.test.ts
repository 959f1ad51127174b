import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { parseSelector } from '../../../collector/query/promql.ts'
import { firstSampleMs, selectSeries } from '../../../collector/query/select.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { silentLog } from '../../../settings/log.ts'
import { addEntity, addSeries, addTyped } from './points.ts'

const T0 = 1_790_000_000_000
const path = await mkdtemp(join(tmpdir(), 'candor-select-'))
let store: Store

beforeAll(async () => {
  store = await openStore({ path }, silentLog())
  const batch = new ColumnBatch()
  const http = { job: 'web', instance: 'a:1', method: 'GET' }
  addSeries(batch, 'http_requests_total', { ...http, code: '200' }, [
    [T0 - 7_000, 3],
    [T0 - 5_000, 5],
    [T0, 10],
    [T0 + 1_000, 12.5],
  ])
  addSeries(batch, 'http_requests_total', { ...http, code: '500' }, [[T0 + 1_000, 1]])
  addSeries(
    batch,
    'http_requests_total',
    { ...http, code: '503', tenant_of: 'other' },
    [[T0, 99]],
    'other',
  )
  addSeries(batch, 'odd', { job: 'a"b\\c\nd', instance: "it's {x:String}" }, [
    [T0, Infinity],
    [T0 + 1, -Infinity],
  ])
  addSeries(batch, 'dotted.name', { job: 'x' }, [[T0, 1]])
  addEntity(batch, 'container', 7n, T0, {
    'host.name': 'm1',
    'candor.cgroup.path': '/docker/aa',
    'container.name': 'web-1',
  })
  addEntity(batch, 'machine', 8n, T0, { 'host.name': 'm1' })
  addTyped(batch, container, 7n, T0, { cpu_usage_seconds: 5 })
  addTyped(batch, container, 7n, T0 + 1_000, { cpu_usage_seconds: 6 })
  addTyped(batch, container, 7n, T0 + 2_000, {})
  for (const cpu of ['0', '1']) {
    const [first] = machineCpu.metrics
    addTyped(batch, machineCpu, 8n, T0, { cpu, [first!.column]: Number(cpu) + 1 })
  }
  await store.insertRows(batch)
  // The same rows once more: a batch whose acknowledgement was lost.
  await store.insertRows(batch)
})
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true })
})

const select = (query: string, options = {}) =>
  selectSeries(store, parseSelector(query), T0, T0 + 10_000, options)

async function codes(query: string): Promise<string[]> {
  const found = await select(query)
  return found.map(({ labels }) => labels['code'] ?? '').toSorted()
}

describe('series of applications', () => {
  test('a sample that was sent twice counts once, in order, with labels, kind and birth', async () => {
    const found = await select('http_requests_total{code="200"}')
    expect(found).toEqual([
      {
        labels: {
          __name__: 'http_requests_total',
          job: 'web',
          instance: 'a:1',
          method: 'GET',
          code: '200',
        },
        kind: 'counter',
        firstMs: T0 - 7_000,
        times: Float64Array.of(T0, T0 + 1_000),
        values: Float64Array.of(10, 12.5),
      },
    ])
  })

  test('the range is half-open, and the newest sample before it comes on request', async () => {
    const [series] = await select('http_requests_total{code="200"}', { priorMs: 60_000 })
    expect([...series!.times]).toEqual([T0 - 5_000, T0, T0 + 1_000])
    const near = await select('http_requests_total{code="200"}', { priorMs: 4_000 })
    expect([...near[0]!.times]).toEqual([T0, T0 + 1_000])
    const before = await selectSeries(store, parseSelector('http_requests_total'), T0 - 5_000, T0)
    expect(before.map(({ times }) => [...times])).toEqual([[T0 - 5_000]])
  })

  test('matchers, with a label that is missing being empty', async () => {
    expect(await codes('http_requests_total')).toEqual(['200', '500'])
    expect(await codes('http_requests_total{code="500"}')).toEqual(['500'])
    expect(await codes('http_requests_total{code!="500"}')).toEqual(['200'])
    expect(await codes('http_requests_total{code=~"5.."}')).toEqual(['500'])
    expect(await codes('http_requests_total{code!~"5.."}')).toEqual(['200'])
    expect(await codes('http_requests_total{missing=""}')).toEqual(['200', '500'])
    expect(await codes('http_requests_total{missing!=""}')).toEqual([])
    expect(await codes('http_requests_total{method=~"get"}')).toEqual([])
  })

  test('patterns are anchored at both ends', async () => {
    expect(await codes('http_requests_total{code=~"5"}')).toEqual([])
    expect(await codes('http_requests_total{code=~"20|50."}')).toEqual(['500'])
    expect(await codes('http_requests_total{code=~".*"}')).toEqual(['200', '500'])
  })

  test('a pattern that JavaScript would never finish', async () => {
    expect(await codes(`http_requests_total{method=~"(G*)*${'(E+)+'.repeat(20)}T!"}`)).toEqual([])
  })

  test('a pattern that is none is an error', async () => {
    const matchers = [{ label: 'code', operator: '=~', value: '(' }] as const
    const selected = selectSeries(store, { name: 'http_requests_total', matchers }, T0, T0 + 1)
    await expect(selected).rejects.toMatchObject({ code: 'ERR_QUERY', kind: 'bad_data' })
  })

  test('another tenant is another world', async () => {
    expect(await codes('http_requests_total{code="503"}')).toEqual([])
    const found = await select('http_requests_total', { tenant: 'other' })
    expect(found.map(({ labels }) => labels['code'])).toEqual(['503'])
  })

  test('text that looks like SQL or like a parameter stays text', async () => {
    const [odd] = await select(String.raw`odd{job="a\"b\\c\nd",instance="it's {x:String}"}`)
    expect(odd?.labels).toMatchObject({ job: 'a"b\\c\nd', instance: "it's {x:String}" })
    expect(await select(`odd{job="' OR 1=1 --"}`)).toEqual([])
    expect(await select('odd{job=~"a.b\\\\\\\\c\\nd"}')).toHaveLength(1)
    expect(await select(`{"o' OR name != '", job!="x"}`)).toEqual([])
    expect(await select(`odd{"job'] = '' OR labels['job"=~".+"}`)).toEqual([])
  })

  test('infinite values arrive', async () => {
    const [odd] = await select('odd')
    expect([...odd!.values]).toEqual([Infinity, -Infinity])
  })

  test('names that only quotes can write', async () => {
    expect(await select('{"dotted.name"}')).toHaveLength(1)
  })
})

describe('typed tables', () => {
  test('labels of the row, of the entity and of the machine; absent is not a sample', async () => {
    const found = await select('container_cpu_usage_seconds_total{name="web-1",cpu="total"}')
    expect(found).toEqual([
      {
        labels: {
          __name__: 'container_cpu_usage_seconds_total',
          cpu: 'total',
          id: '/docker/aa',
          name: 'web-1',
          instance: 'm1',
          job: 'candor',
        },
        kind: 'counter',
        firstMs: T0,
        times: Float64Array.of(T0, T0 + 1_000),
        values: Float64Array.of(5, 6),
      },
    ])
    expect(await select('container_cpu_usage_seconds_total{cpu="user"}')).toHaveLength(0)
    expect(await select('container_cpu_usage_seconds_total{image!=""}')).toHaveLength(0)
    expect(await select('container_cpu_usage_seconds_total{instance=~"m[0-9]"}')).toHaveLength(1)
  })

  test('keys are labels', async () => {
    const name = machineCpu.metrics[0]!.prom
    const mode = machineCpu.metrics[0]!.labels!['mode']
    const all = await select(`${name}{mode="${mode}"}`)
    expect(new Set(all.map(({ labels }) => labels['cpu']))).toEqual(new Set(['0', '1']))
    const one = await select(`${name}{mode="${mode}",cpu="1"}`, { priorMs: 60_000 })
    expect(one.map(({ values }) => [...values])).toEqual([[2]])
  })
})

describe('first sample', () => {
  const first = (query: string, from: number, to: number) =>
    firstSampleMs(store, parseSelector(query), from, to)

  test('in a range', async () => {
    expect(await first('http_requests_total', 0, T0 + 10_000)).toBe(T0 - 7_000)
    expect(await first('http_requests_total', T0 - 4_000, T0 + 10_000)).toBe(T0)
    expect(await first('http_requests_total', T0 + 2_000, T0 + 10_000)).toBeUndefined()
    expect(await first('container_cpu_usage_seconds_total', 0, T0 + 10_000)).toBe(T0)
    expect(await first('machine_cpu_none', 0, T0 + 10_000)).toBeUndefined()
  })
})

test('more series than the limit', async () => {
  const batch = new ColumnBatch()
  for (let i = 0; i <= limits.sloSeries.value; i++) {
    addSeries(batch, 'many', { n: String(i) }, [[T0, i]])
  }
  await store.insertRows(batch)
  await expect(select('many')).rejects.toMatchObject({ code: 'ERR_QUERY_LIMIT' })
})
