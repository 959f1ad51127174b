/** Entities that labels do not tell apart: a container that is started anew at its old path. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rangeQuery } from '../../../../collector/query/engine.ts'
import { type SampleSeries, STALE_BITS } from '../../../../collector/query/grid/grid.ts'
import { Labels } from '../../../../collector/query/grid/labels.ts'
import { LabelsCache } from '../../../../collector/query/leaf/labels-cache.ts'
import { inTurns } from '../../../../collector/query/leaf/one-series.ts'
import { pushedAsks } from '../../../../collector/query/leaf/pushed.ts'
import { StoreSource } from '../../../../collector/query/leaf/store-source.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { type OpenedStore, openedStore } from '../../find/opened-store.ts'
import { addContainer } from './sampled.ts'
import { someLimits } from './some-limits.ts'

const T0 = 1_790_000_000_000
const END = 'end'

const seriesOf = (a: string, ...samples: [timeMs: number, value: number | 'end'][]) => {
  const values = new Float64Array(samples.length)
  const bits = new BigUint64Array(values.buffer)
  for (const [i, [, value]] of samples.entries()) {
    if (value === END) bits[i] = STALE_BITS
    else values[i] = value
  }
  const times = Float64Array.from(samples, ([time]) => time)
  return { labels: Labels.of({ a }), times, values }
}
const plain = (all: readonly SampleSeries[]) =>
  all.map(({ labels, times, values }) => {
    const bits = new BigUint64Array(values.slice().buffer)
    const shown = (i: number) => (bits[i] === STALE_BITS ? END : values[i]!)
    return [labels.get('a'), ...Array.from(times, (time, i) => [time, shown(i)])]
  })

describe('series of the same labels', () => {
  const f = (all: readonly SampleSeries[], wanted: readonly SampleSeries[]) =>
    expect(plain(inTurns(all))).toEqual(plain(wanted))
  test('follow one another, whichever comes first', () => {
    const [old, fresh] = [seriesOf('x', [1, 10], [2, 11], [3, END]), seriesOf('x', [4, 0], [5, 1])]
    const wanted = seriesOf('x', [1, 10], [2, 11], [3, END], [4, 0], [5, 1])
    f([old, fresh], [wanted])
    f([fresh, seriesOf('y', [1, 1]), old], [wanted, seriesOf('y', [1, 1])])
  })
  test('have no end between them that was seen late', () => {
    const wanted = seriesOf('x', [1, 10], [4, 0], [5, 1])
    for (const late of [4, 4.5, 9]) {
      f([seriesOf('x', [1, 10], [late, END]), seriesOf('x', [4, 0], [5, 1])], [wanted])
    }
  })
  test('stay apart where both report at once', () => {
    const both = [seriesOf('x', [1, 10], [5, 11]), seriesOf('x', [4, 0], [6, 1])]
    f(both, both)
    const ended = [seriesOf('x', [1, 1], [5, Number.NaN]), seriesOf('x', [5, 2])]
    f(ended, ended)
  })
  test('of three are one', () => {
    f(
      [seriesOf('x', [5, 5]), seriesOf('x', [1, 1], [2, END]), seriesOf('x', [3, 3], [6, END])],
      [seriesOf('x', [1, 1], [2, END], [3, 3], [5, 5])],
    )
  })
})

describe('a container that was started anew', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openedStore()
    const batch = new ColumnBatch()
    const attributes = { 'host.name': 'm1', 'candor.cgroup.path': '/docker/aa' }
    const from = (first: number): [number, number][] =>
      [0, 1, 2, 3].map((i) => [T0 + (first + i) * 10_000, 5 * (i + 1)])
    addContainer(batch, 1n, { ...attributes, 'candor.cgroup.inode': '1' }, from(0), T0 + 41_000)
    addContainer(batch, 2n, { ...attributes, 'candor.cgroup.inode': '2' }, from(4))
    await opened.store.insertRows(batch)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each([true, false])('is one series that starts anew (pushed: %j)', async (pushes) => {
    const source = new StoreSource({
      store: opened.store,
      tenant: '',
      limits: someLimits,
      cache: new LabelsCache(100),
      trusted: new Set(pushedAsks),
      pushes,
    })
    const ask = async (text: string) => {
      const grid = { startMs: T0 + 35_000, endMs: T0 + 75_000, stepMs: 10_000 }
      const { value } = await rangeQuery(text, grid, source)
      if (value.type !== 'matrix') throw new TypeError('a matrix is expected')
      return value.series.map(({ values }) => [...values])
    }
    const name = 'container_cpu_usage_seconds_total'
    expect(await ask(name)).toEqual([[20, 5, 10, 15, 20]])
    expect(await ask(`resets(${name}[1m])`)).toEqual([[0, 1, 1, 1, 1]])
    expect(await ask(`irate(${name}[1m])`)).toEqual([[0.5, 0.5, 0.5, 0.5, 0.5]])
  })
})
