import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machine } from '../../../../catalog/tables/machine.ts'
import { machineCpu } from '../../../../catalog/tables/machine-cpu.ts'
import { cardinalityOf, metadataOf } from '../../../../collector/query/leaf/about.ts'
import { LabelsCache } from '../../../../collector/query/leaf/labels-cache.ts'
import { pushedAsks } from '../../../../collector/query/leaf/pushed.ts'
import {
  labelNamesOf,
  labelValuesOf,
  seriesOf,
} from '../../../../collector/query/leaf/series-list.ts'
import { StoreSource } from '../../../../collector/query/leaf/store-source.ts'
import type { Ask, Leaf } from '../../../../collector/query/leaf.ts'
import type { Matcher } from '../../../../collector/query/language/tree.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { entityShape, typedShape } from '../../../../collector/store/schema.ts'
import { type OpenedStore, openedStore } from '../../find/opened-store.ts'
import { addEntity, addRow, addSeries, addTyped } from '../points.ts'
import { addContainer } from './sampled.ts'
import { someLimits } from './some-limits.ts'

const T0 = 1_790_000_000_000
const HOSTILE = [
  "it's",
  'a"b\\c\nd',
  '{x:String}',
  'nul\0nul',
  '\n\nSELECT 1;--',
  "') OR 1=1 --",
  '`~{p1:String}`',
  '日本 😀',
]

let opened: OpenedStore

beforeAll(async () => {
  opened = await openedStore()
  const batch = new ColumnBatch()
  addSeries(batch, 'http_requests_total', { job: 'web', code: '200' }, [
    [T0 - 5_000, 5],
    [T0, 10],
  ])
  addSeries(batch, 'http_requests_total', { job: 'web', code: '500' }, [[T0, 1]])
  addSeries(batch, 'http_requests_total', { job: 'web', code: '404' }, [[T0, 9]], 'other')
  for (const text of HOSTILE) addSeries(batch, 'odd', { text, [`${text}!`]: 'x' }, [[T0, 1]])
  addSeries(batch, "name'; {p0:String}", { a: 'b' }, [[T0, 1]])
  addContainer(
    batch,
    7n,
    { 'host.name': 'm1', 'candor.cgroup.path': '/docker/aa', 'container.name': 'web-1' },
    [
      [T0, 5],
      [T0 + 10_000, 6],
    ],
  )
  addContainer(
    batch,
    9n,
    { 'host.name': 'm1', 'candor.cgroup.path': "/o'dd", 'container.name': HOSTILE.join('') },
    [[T0, 5]],
    T0 + 3_000,
  )
  addEntity(batch, 'machine', 8n, T0, { 'host.name': 'm1' })
  for (const cpu of ['0', '1']) {
    addTyped(batch, machineCpu, 8n, T0, { cpu, user_seconds: Number(cpu) + 1, idle_seconds: 7 })
  }
  for (let i = 0; i <= 10; i++) addTyped(batch, machine, 8n, T0 + i * 10_000, { load1: i })
  addRow(batch, entityShape, {
    kind: 'machine',
    entity: 88n,
    attributes: JSON.stringify({ 'host.name': 'm2' }),
    first_seen: T0,
    last_seen: T0 + 20_000,
    ended_ms: T0 + 25_000,
  })
  for (let i = 0; i <= 2; i++) addTyped(batch, machine, 88n, T0 + i * 10_000, { load1: i })
  await opened.store.insertRows(batch)
  await opened.store.insertRows(batch)
})
afterAll(() => opened[Symbol.asyncDispose]())

const cache = new LabelsCache(100)
const options = (tenant = '', more = {}) => ({
  store: opened.store,
  tenant,
  limits: someLimits,
  cache,
  trusted: new Set(pushedAsks),
  ...more,
})
const leaf = (
  name: string | undefined,
  matchers: readonly Matcher[] = [],
  ask: Ask = { kind: 'samples' },
): Leaf => ({
  ...(name !== undefined && { name }),
  matchers,
  ask,
  windowMs: 300_000,
  grid: { startMs: T0 + 5_000, endMs: T0 + 15_000, stepMs: 10_000 },
})
const m = (label: string, operator: Matcher['operator'], value: string): Matcher => ({
  label,
  operator,
  value,
})

/** Of each series its labels as text with its samples. */
async function samples(asked: Leaf, tenant = '', more = {}) {
  const answer = await new StoreSource(options(tenant, more)).answer(asked)
  if (answer.kind !== 'samples') throw new Error('values')
  return answer.series
    .map(({ labels, times, values }) => ({
      labels: labels.toObject(),
      points: Array.from(times, (ms, i) => [ms - T0, values[i]]),
    }))
    .toSorted((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1))
}
const labels = async (asked: Leaf, tenant = '') =>
  (await samples(asked, tenant)).map((each) => each.labels)

describe('labels', () => {
  test('of a narrow series are as they were sent', async () => {
    expect(await samples(leaf('http_requests_total', [m('code', '=', '200')]))).toEqual([
      {
        labels: { __name__: 'http_requests_total', job: 'web', code: '200' },
        points: [
          [-5_000, 5],
          [0, 10],
        ],
      },
    ])
  })
  test('of a typed one are those that a scrape of the agent would give', async () => {
    expect(
      await labels(leaf('container_cpu_usage_seconds_total', [m('name', '=', 'web-1')])),
    ).toEqual([
      {
        __name__: 'container_cpu_usage_seconds_total',
        cpu: 'total',
        job: 'candor',
        instance: 'm1',
        id: '/docker/aa',
        name: 'web-1',
      },
    ])
    expect(await labels(leaf('node_cpu_seconds_total', [m('mode', '!=', 'idle')]))).toEqual(
      ['0', '1'].map((cpu) => ({
        __name__: 'node_cpu_seconds_total',
        cpu,
        instance: 'm1',
        job: 'candor',
        mode: 'user',
      })),
    )
  })
  test('that a series has not are empty', async () => {
    const f = async (matcher: Matcher, count: number) =>
      expect(await samples(leaf('node_cpu_seconds_total', [matcher]))).toHaveLength(count)
    await f(m('nothing', '=', ''), 4)
    await f(m('nothing', '=~', '.*'), 4)
    await f(m('nothing', '!=', ''), 0)
    await f(m('nothing', '=~', '.+'), 0)
    await f(m('job', '=~', '.+'), 4)
    await f(m('job', '!~', 'can.*'), 0)
    await f(m('cpu', '=~', '1|2'), 2)
    await f(m('cpu', '!~', '1|2'), 2)
    await f(m('instance', '=', 'm1'), 4)
    await f(m('mode', '=~', 'us.r|x'), 2)
  })
})

describe('names', () => {
  test('by a pattern are of both kinds', async () => {
    const found = await labels(leaf(undefined, [m('__name__', '=~', 'node_load1|http_.*|up')]))
    expect(new Set(found.map(({ __name__ }) => __name__))).toEqual(
      new Set(['node_load1', 'http_requests_total', 'up']),
    )
  })
  test('may be missing', async () => {
    const found = await labels(leaf(undefined, [m('code', '=', '500')]))
    expect(found.map(({ __name__ }) => __name__)).toEqual(['http_requests_total'])
    const all = await labels(leaf(undefined, [m('id', '=', '/docker/aa')]))
    expect(all.map(({ __name__ }) => __name__)).toEqual([
      'container_cpu_usage_seconds_total',
      'container_memory_usage_bytes',
    ])
  })
  test('that only quotes can write', async () => {
    expect(await labels(leaf("name'; {p0:String}"))).toHaveLength(1)
  })
})

describe('text of others is never SQL', () => {
  test.each(HOSTILE)('%j', async (text) => {
    expect(await samples(leaf('odd', [m('text', '=', text)]))).toHaveLength(1)
    expect(await samples(leaf('odd', [m(`${text}!`, '=', 'x')]))).toHaveLength(1)
    const literal = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    expect(await samples(leaf('odd', [m('text', '=~', literal)]))).toHaveLength(1)
    expect(await samples(leaf('odd', [m('text', '!~', literal)]))).toHaveLength(HOSTILE.length - 1)
    expect(await samples(leaf(text, []))).toEqual([])
    expect(await samples(leaf('node_load1', [m(text, '=', text)]))).toEqual([])
    const name = [m('name', '=~', `(?:.|\n)*${literal}(?:.|\n)*`)]
    expect(await samples(leaf('container_memory_usage_bytes', name))).toHaveLength(1)
    expect(await labelValuesOf(context(), text, [], range)).toEqual([])
  })
  test('a pattern that is none is said to be', async () => {
    for (const name of ['odd', 'node_load1', undefined]) {
      await expect(samples(leaf(name, [m('instance', '=~', '(')]))).rejects.toMatchObject({
        name: 'QueryError',
        kind: 'bad_data',
      })
    }
    await expect(samples(leaf('node_load1', [m('job', '=~', '(')]))).rejects.toMatchObject({
      kind: 'bad_data',
    })
  })
})

test('another tenant is another world', async () => {
  expect(await labels(leaf('http_requests_total'), 'other')).toEqual([
    { __name__: 'http_requests_total', job: 'web', code: '404' },
  ])
  expect(await samples(leaf('node_load1'), 'other')).toEqual([])
  expect(await samples(leaf('up'), 'other')).toEqual([])
})

describe('what ended', () => {
  test('has a mark where it did', async () => {
    const [series] = await samples(
      leaf('container_cpu_usage_seconds_total', [m('id', '=', "/o'dd")]),
    )
    expect(series!.points).toEqual([
      [0, 5],
      [3_000, Number.NaN],
    ])
  })
  test('has no value from then on', async () => {
    const asked = leaf('container_cpu_usage_seconds_total', [], { kind: 'newest' })
    const answer = await new StoreSource(options('', { pushes: true })).answer(asked)
    expect(answer.kind).toBe('values')
    expect(answer.series.map((each) => each.labels.get('id'))).toEqual(['/docker/aa'])
  })
})

describe('up', () => {
  const at = (grid: Leaf['grid']) =>
    samples({ ...leaf('up'), grid, windowMs: 30_000 }, '', { now: () => T0 + 200_000 })
  test('is 1 at each pass, 0 where three are missed, and ends as its machine says', async () => {
    const found = await at({ startMs: T0 + 10_000, endMs: T0 + 150_000, stepMs: 10_000 })
    expect(found).toEqual([
      {
        labels: { __name__: 'up', instance: 'm1', job: 'candor' },
        points: [
          ...Array.from({ length: 11 }, (_, i) => [i * 10_000, 1]),
          [130_000, 0],
          [140_000, 0],
          [150_000, 0],
        ],
      },
      {
        labels: { __name__: 'up', instance: 'm2', job: 'candor' },
        points: [
          [0, 1],
          [10_000, 1],
          [20_000, 1],
          [25_000, Number.NaN],
        ],
      },
    ])
  })
  test('of more machines than are said one by one is of those that were asked for', async () => {
    const batch = new ColumnBatch()
    for (let i = 0; i < 1_100; i++) {
      const of = { tenant: 'many', entity: BigInt(i + 1) }
      const attributes = JSON.stringify({ 'host.name': `${i < 600 ? 'n' : 'o'}${i}` })
      const seen = { first_seen: T0, last_seen: T0 }
      addRow(batch, entityShape, { ...of, kind: 'machine', attributes, ...seen })
      // The second hundred is silent from the second pass on.
      for (const pass of i >= 100 && i < 200 ? [0] : [0, 10_000, 20_000]) {
        addRow(batch, typedShape(machine), { ...of, ts: T0 + pass, load1: 1 })
      }
    }
    await opened.store.insertRows(batch)
    const asked = { ...leaf('up', [m('instance', '=~', 'n.*')]), windowMs: 5_000 }
    const grid = { startMs: T0 + 20_000, endMs: T0 + 20_000, stepMs: 10_000 }
    const found = await samples({ ...asked, grid }, 'many', { now: () => T0 + 20_000 })
    expect(found.map(({ labels: { instance } }) => instance)).toEqual(
      Array.from({ length: 600 }, (_, i) => `n${i}`)
        .filter((_, i) => i < 100 || i >= 200)
        .sort(),
    )
    expect(new Set(found.flatMap(({ points }) => points.map(String)))).toEqual(new Set(['20000,1']))
  })
  test('is 0 in a range that begins in silence, and is nothing after now', async () => {
    const late = await at({ startMs: T0 + 190_000, endMs: T0 + 300_000, stepMs: 10_000 })
    expect(late.map(({ points }) => points)).toEqual([
      [170_000, 180_000, 190_000, 200_000].map((ms) => [ms, 0]),
    ])
  })
})

describe('limits', () => {
  const f = (limits: object, kind: string) =>
    expect(
      samples(leaf('odd'), '', { limits: { ...someLimits, ...limits } }),
    ).rejects.toMatchObject({ name: 'QueryError', kind })
  test('of series, samples, memory and time', async () => {
    await f({ maxSeries: HOSTILE.length - 1 }, 'execution')
    await f({ maxSamples: HOSTILE.length - 1 }, 'execution')
    await f({ memoryBytes: 1 }, 'execution')
  })
  test('who goes away waits for nothing, and the session goes on', async () => {
    const controller = new AbortController()
    const asked = new StoreSource(options()).answer(leaf('odd'), controller.signal)
    controller.abort()
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
    expect(await samples(leaf('odd'))).toHaveLength(HOSTILE.length)
    const timedOut = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    await expect(new StoreSource(options()).answer(leaf('odd'), timedOut)).rejects.toMatchObject({
      kind: 'timeout',
    })
  })
})

const range = { fromMs: T0 - 60_000, toMs: T0 + 60_000 }
const context = (tenant = '') => ({ ...options(tenant), session: 'query' as const })

describe('lists', () => {
  test('of series', async () => {
    const of = async (matchers: Matcher[], name?: string, most = 100) =>
      (
        await seriesOf(context(), [{ ...(name !== undefined && { name }), matchers }], range, most)
      ).map((each) => `${each.get('__name__')} ${each.get('cpu')} ${each.get('mode')}`)
    expect((await of([], 'node_cpu_seconds_total')).toSorted()).toEqual([
      'node_cpu_seconds_total 0 idle',
      'node_cpu_seconds_total 0 user',
      'node_cpu_seconds_total 1 idle',
      'node_cpu_seconds_total 1 user',
    ])
    expect(await of([], 'node_cpu_seconds_total', 2)).toHaveLength(2)
    expect((await of([m('instance', '=', 'm1')])).toSorted()).toEqual([
      'container_cpu_usage_seconds_total total ',
      'container_cpu_usage_seconds_total total ',
      'container_memory_usage_bytes  ',
      'container_memory_usage_bytes  ',
      'node_cpu_seconds_total 0 idle',
      'node_cpu_seconds_total 0 user',
      'node_cpu_seconds_total 1 idle',
      'node_cpu_seconds_total 1 user',
      'node_load1  ',
      'up  ',
    ])
    expect(await of([], 'http_requests_total')).toHaveLength(2)
  })
  test('of names of labels', async () => {
    const all = await labelNamesOf(context(), [], range)
    for (const name of ['__name__', 'instance', 'job', 'cpu', 'mode', 'code', 'id', 'text']) {
      expect(all).toContain(name)
    }
    expect(all).not.toContain('device')
    expect(await labelNamesOf(context('nobody'), [], range)).toEqual([])
    const some = await labelNamesOf(context(), [{ name: 'up', matchers: [] }], range)
    expect(some).toEqual(['__name__', 'instance', 'job'])
  })
  test('of values of labels', async () => {
    const f = async (label: string, want: string[], name?: string) =>
      expect(
        await labelValuesOf(
          context(),
          label,
          name === undefined ? [] : [{ name, matchers: [] }],
          range,
        ),
      ).toEqual(want)
    await f('instance', ['m1', 'm2'])
    await f('job', ['candor', 'web'])
    await f('mode', ['idle', 'user'])
    await f('cpu', ['0', '1', 'total'])
    await f('code', ['200', '500'])
    await f('cpu', ['0', '1'], 'node_cpu_seconds_total')
    await f('nothing', [])
    expect(await labelValuesOf(context(), '__name__', [], range)).toEqual([
      'container_cpu_usage_seconds_total',
      'container_memory_usage_bytes',
      'http_requests_total',
      "name'; {p0:String}",
      'node_cpu_seconds_total',
      'node_load1',
      'odd',
      'up',
    ])
  })
  test('of what is known of metrics', async () => {
    const [of] = await metadataOf(context(), 'node_cpu_seconds_total', 10)
    expect(of).toMatchObject({ type: 'counter', unit: 'seconds' })
    expect(await metadataOf(context(), 'http_requests_total', 10)).toEqual([
      { name: 'http_requests_total', type: 'counter', help: '', unit: '' },
    ])
    expect(await metadataOf(context(), 'nothing', 10)).toEqual([])
    expect(await metadataOf(context(), undefined, 5)).toHaveLength(5)
  })
  test('of how many there are', async () => {
    const all = await cardinalityOf(context(), range)
    // 2 machines, 2 CPUs of 2 modes, 2 containers of 2 columns; 2, 8 and 1 narrow ones.
    expect(all.series).toBe(2 + 4 + 4 + 11)
    expect(all.fromMs).toBe(T0 - 5_000)
    expect(all.byName[0]).toEqual({ name: 'odd', value: 8 })
    expect(all.byPair[0]).toEqual({ name: 'job=candor', value: 10 })
    expect(all.byLabel.find(({ name }) => name === 'text')?.value).toBe(HOSTILE.length)
  })
})
