import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../catalog/limit.ts'
import { Writer } from '../../wire/protobuf.ts'
import { SERIES_V2, WRITE_V1, WRITE_V2 } from '../../wire/remote-write-fields.ts'
import { readOrMalformed } from './recorder.ts'
import { type Histogram, type Labels, writeV1, writeV2, type WrittenSeries } from './write-body.ts'
import { recordWrite } from './write-recorder.ts'

const numRuns = process.env['LONG'] === '1' ? 100_000 : 500

const encode = { 1: writeV1, 2: writeV2 } as const
const now = Date.UTC(2026, 5, 1)
const up: Labels = { __name__: 'up', instance: 'web:9100', job: 'node' }
const one = (labels: Labels): WrittenSeries => ({ labels, samples: [[now, 1]] })

describe.each([1, 2] as const)('version %i', (version) => {
  const record = (...series: readonly WrittenSeries[]) =>
    recordWrite(version, encode[version](series))

  test('samples come with their labels, values as they are', () => {
    const values = [0, -0.1, 1 / 3, Infinity, -Infinity, Number.NaN, 5e-324]
    const { series, rejected } = record({
      labels: up,
      samples: [...values.map((value, i) => [now + i, value] as const), [now + 99, 'stale']],
    })
    expect(rejected).toEqual({})
    expect(series).toEqual([
      {
        of: {
          name: 'up',
          labels: [
            ['instance', 'web:9100'],
            ['job', 'node'],
          ],
        },
        type: 'unknown',
        items: [...values.map((value, i) => [now + i, value]), [now + 99, 'ended']],
      },
    ])
  })

  test('the same labels are the same object', () => {
    const [a] = record(one(up)).series
    const [b, c] = record(one({ ...up, job: 'x' }), one(up)).series
    expect(c!.of).toBe(a!.of)
    expect(b!.of).not.toBe(a!.of)
    // In whatever version they come.
    expect(recordWrite(1, writeV1([one(up)])).series[0]!.of).toBe(a!.of)
  })

  test('labels are put in order, and empty ones are none', () => {
    const [series] = record(one({ z: '1', __name__: 'x', 'a.b': '2', empty: '' })).series
    expect(series!.of).toEqual({
      name: 'x',
      labels: [
        ['a.b', '2'],
        ['z', '1'],
      ],
    })
  })

  test('a time before 1970 is one, none is not', () => {
    const { series, rejected } = record({
      labels: up,
      samples: [
        [-5, 1],
        [0, 1],
      ],
    })
    expect(series[0]!.items).toEqual([[-5, 1]])
    expect(rejected).toEqual({ 'samples timeless': 1 })
  })

  describe('a series is rejected', () => {
    const f = (labels: Labels, reason: string) => {
      const { series, rejected } = record(one(up), {
        labels,
        samples: [
          [now, 1],
          [now + 1, 1],
        ],
        histograms: [{ timeMs: now, count: 0 }],
      })
      expect(series).toHaveLength(1)
      expect(rejected).toEqual({ [`samples ${reason}`]: 2, [`histograms ${reason}`]: 1 })
    }
    const long = 'x'.repeat(limits.nameBytes.value + 1)
    test('without a name', () => f({ job: 'x' }, 'nameless'))
    test('with an empty name', () => f({ __name__: '', job: 'x' }, 'nameless'))
    test('with a nameless label', () => f({ __name__: 'x', '': 'x' }, 'labelName'))
    test('with a long name', () => f({ __name__: long }, 'nameBytes'))
    test('with a long label name', () => f({ __name__: 'x', [long]: 'x' }, 'nameBytes'))
    test('with a long value', () =>
      f({ __name__: 'x', a: 'x'.repeat(limits.attributeBytes.value + 1) }, 'attributeBytes'))
    test('with many labels', () => {
      const many = Array.from({ length: limits.pointAttributes.value + 1 }, (_, i) => [i, 'x'])
      f({ __name__: 'x', ...(Object.fromEntries(many) as Labels) }, 'pointAttributes')
      // Nothing is made of what follows.
      f({ __name__: 'x', ...(Object.fromEntries(many) as Labels), '': 'x' }, 'pointAttributes')
    })
  })

  test('exemplars are counted', () => {
    const { series, rejected } = record({ ...one(up), exemplars: 2 })
    expect(series[0]!.items).toHaveLength(1)
    expect(rejected).toEqual({ 'exemplars exemplars': 2 })
  })

  test('not more than a request may have', () => {
    const samples = Array.from({ length: limits.requestPoints.value }, () => [now, 1] as const)
    const { series, rejected } = record({ labels: up, samples }, one({ __name__: 'next' }))
    expect(series.map(({ of }) => of.name)).toEqual(['up'])
    expect(rejected).toEqual({ 'samples requestPoints': 1 })
  })

  describe('native histograms', () => {
    const f = (histogram: Omit<Histogram, 'timeMs'>, want: unknown) => {
      const { series, rejected } = record({
        labels: up,
        histograms: [{ timeMs: now, ...histogram }],
      })
      expect({ items: series[0]!.items, rejected }).toEqual(
        typeof want === 'string'
          ? { items: [], rejected: { [`histograms ${want}`]: 1 } }
          : { items: [[now, want ?? 'ended']], rejected: {} },
      )
    }
    const exponential = {
      form: 'exponential',
      count: 10,
      sum: 2.5,
      scale: 3,
      zeroThreshold: 0.001,
      zeroCount: 1,
      positive: { indexes: [-3, -1, 4], counts: [2, 3, 1] },
      negative: { indexes: [0], counts: [3] },
      isGauge: false,
    }
    const told = { count: 10, sum: 2.5, schema: 3, zeroThreshold: 0.001, zeroCount: 1 }

    test('of integers: gaps are gone, a bucket starts where Prometheus ends the one before', () =>
      f(
        {
          ...told,
          positive: {
            spans: [
              [-2, 3],
              [4, 1],
            ],
            deltas: [2, -2, 3, -2],
          },
          negative: { spans: [[1, 1]], deltas: [3] },
        },
        exponential,
      ))
    test('of floats', () =>
      f(
        {
          ...told,
          count: 10.5,
          positive: {
            spans: [
              [-2, 3],
              [4, 1],
            ],
            counts: [2, 0, 3, 1.5],
          },
          negative: { spans: [[1, 1]], counts: [3] },
        },
        { ...exponential, count: 10.5, positive: { indexes: [-3, -1, 4], counts: [2, 3, 1.5] } },
      ))
    test('with bounds of its own', () =>
      f(
        {
          count: 6,
          sum: 9,
          schema: -53,
          bounds: [0.5, 1, 2],
          positive: {
            spans: [
              [0, 1],
              [1, 2],
            ],
            deltas: [1, 1, 1],
          },
        },
        {
          form: 'explicit',
          count: 6,
          sum: 9,
          bounds: [0.5, 1, 2],
          counts: [1, 0, 2, 3],
          isGauge: false,
        },
      ))
    test('whose counts may fall', () =>
      f(
        { count: 0, resetHint: 3 },
        {
          form: 'exponential',
          count: 0,
          sum: 0,
          scale: 0,
          zeroThreshold: 0,
          zeroCount: 0,
          positive: { indexes: [], counts: [] },
          negative: { indexes: [], counts: [] },
          isGauge: true,
        },
      ))
    test('that have ended', () => f({ count: 0, sum: 'stale' }, undefined))
    const side = (spans: [number, number][], deltas: number[]) => ({ positive: { spans, deltas } })
    test('of an unknown schema', () => f({ count: 0, schema: 9 }, 'histogramSchema'))
    test('whose buckets are not the count', () =>
      f({ count: 2, ...side([[0, 1]], [1]) }, 'inconsistent'))
    test('with a negative count', () => f({ count: 0, ...side([[0, 2]], [1, -2]) }, 'inconsistent'))
    test('with fewer counts than spans', () =>
      f({ count: 1, ...side([[0, 2]], [1]) }, 'inconsistent'))
    test('whose spans go back', () =>
      f(
        {
          count: 2,
          ...side(
            [
              [0, 1],
              [-1, 1],
            ],
            [1, 0],
          ),
        },
        'inconsistent',
      ))
    test('with a bound that is none', () =>
      f({ count: 1, schema: -53, bounds: [2, 1], ...side([[0, 1]], [1]) }, 'inconsistent'))
    test('with a bucket beyond its bounds', () =>
      f({ count: 1, schema: -53, bounds: [1], ...side([[2, 1]], [1]) }, 'inconsistent'))
    test('with a span of four thousand million', () =>
      f({ count: 1, ...side([[0, 2 ** 32 - 1]], [1]) }, 'histogramBuckets'))
    test('with more buckets than may be', () => {
      const deltas = Array.from({ length: limits.histogramBuckets.value + 1 }, () => 0)
      f({ count: 0, ...side([[0, deltas.length]], deltas) }, 'histogramBuckets')
    })
  })

  test('a body that is cut short anywhere is malformed, or ends between two fields', () => {
    const body = encode[version]([
      { ...one(up), type: 'gauge' },
      {
        labels: { __name__: 'h' },
        histograms: [{ timeMs: now, count: 1, positive: { spans: [[0, 1]], deltas: [1] } }],
      },
    ])
    const whole = recordWrite(version, body).series.length
    for (let length = 0; length < body.length; length++) {
      const found = readOrMalformed(
        () => recordWrite(version, body.subarray(0, length)).series.length,
      )
      expect(found === 'malformed' || found < whole, `${length} bytes`).toBe(true)
    }
  })

  test('any bytes are a request or are not', () => {
    const body = encode[version]([
      one(up),
      { labels: up, histograms: [{ timeMs: now, count: 0, positive: { spans: [], deltas: [] } }] },
    ])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(body.length),
        (changes, length) => {
          const changed = Buffer.from(body)
          for (const [at, byte] of changes) changed[at] = byte
          readOrMalformed(() => recordWrite(version, changed))
          readOrMalformed(() => recordWrite(version, changed.subarray(0, length)))
        },
      ),
      { numRuns },
    )
  })
})

test('types come apart from series in 1.0, with them in 2.0', () => {
  const { metadata } = recordWrite(1, writeV1([], { up: 'gauge', jobs: 'counter' }))
  expect(metadata).toEqual({ up: 'gauge', jobs: 'counter' })
  const { series } = recordWrite(2, writeV2([{ ...one(up), type: 'gauge' }]))
  expect(series.map(({ type }) => type)).toEqual(['gauge'])
})

test('a label that is there twice is an error', () => {
  const twice = writeV1([one({ __name__: 'x', a: '1', b: '1' })])
  twice[twice.lastIndexOf('b')] = 'a'.charCodeAt(0)
  expect(recordWrite(1, twice).rejected).toEqual({ 'samples labelTwice': 1 })
})

test('a request of the other version has nothing in it', () => {
  expect(recordWrite(1, writeV2([one(up)])).series).toEqual([])
  expect(recordWrite(2, writeV1([one(up)])).series).toEqual([])
})

describe('2.0 is refused whole', () => {
  const series = (references: readonly number[]) => {
    const writer = new Writer()
    writer.textField(WRITE_V2.symbols, '')
    writer.textField(WRITE_V2.symbols, '__name__')
    const start = writer.begin(WRITE_V2.timeSeries)
    // One by one, which is valid too.
    for (const reference of references) writer.varintField(SERIES_V2.labels, reference)
    writer.end(start)
    return writer.take()
  }
  const f = (body: Buffer, reason: string) => expect(() => recordWrite(2, body)).toThrow(reason)
  test('when a label refers to nothing', () => f(series([1, 2]), 'a label refers to symbol 2 of 2'))
  test('when a label has no value', () => f(series([1]), 'a name without a value'))
  test('when a symbol is no text', () => {
    const body = writeV2([one({ __name__: 'symbol' })])
    body[body.indexOf('symbol')] = 0xff
    f(body, 'not valid UTF-8')
  })
  test('when there are more symbols than may be', () =>
    f(Buffer.alloc(2 * (limits.symbols.value + 1), '\x22\x00'), 'more than 1000000 symbols'))
})

test('a few bytes that refer to many, again and again, are not followed without end', () => {
  const value = 'x'.repeat(limits.attributeBytes.value)
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, value]))
  const many = Array.from({ length: 200 }, (_, i) => one({ __name__: `m${i}`, ...labels }))
  const { series, rejected } = recordWrite(2, writeV2(many))
  expect(series.length).toBeGreaterThan(5)
  expect(rejected).toEqual({ 'samples requestRowBytes': 200 - series.length })
})

test('labels between which other fields stand are read', () => {
  const [whole, other] = [writeV1([one(up)]), writeV1([one({ __name__: 'x', a: 'b' })])]
  const inner = (body: Buffer) => body.subarray(2)
  const writer = new Writer()
  const start = writer.begin(WRITE_V1.timeSeries)
  writer.raw(inner(writeV1([{ labels: { a: 'b' }, samples: [[now, 7]] }])))
  writer.raw(inner(writeV1([{ labels: { __name__: 'split' } }])))
  writer.end(start)
  const { series } = recordWrite(1, Buffer.concat([whole, writer.take(), other]))
  expect(series.map(({ of, items }) => [of.name, of.labels.length, items[0]![1]])).toEqual([
    ['up', 2, 1],
    ['split', 1, 7],
    ['x', 1, 1],
  ])
})
