import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../catalog/limit.ts'
import { JsonReader } from '../../wire/json-reader.ts'
import { protobufOfJson } from '../../wire/otlp-json.ts'
import { sdkBodies } from './otlp-sdk.ts'
import { readOrMalformed, record } from './recorder.ts'

const numRuns = process.env['LONG'] === '1' ? 100_000 : 500

const fromJson = (value: unknown) => record(protobufOfJson(Buffer.from(JSON.stringify(value))))
const metric = (data: object) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...data }] }] }],
})
const gauge = (...dataPoints: object[]) => metric({ gauge: { dataPoints } })
const time = '1000000000'

/** Instruments of every kind, with attributes of every type. */
const sdk = () =>
  sdkBodies((meter) => {
    const attributes = { text: 'ä "quoted"\n', yes: true, int: -3, half: 0.5, list: ['a', 'b'] }
    meter.createCounter('jobs', { unit: '{job}' }).add(3, attributes)
    meter.createUpDownCounter('open').add(-2)
    meter.createGauge('heat', { unit: 'Cel' }).record(-0.1, { zone: 'a' })
    meter.createHistogram('took', { unit: 's' }).record(0.3, attributes)
    const size = meter.createHistogram('size.exponential')
    for (const value of [0, 1, 7, 1e9]) size.record(value)
  })

test('what the SDK writes in JSON says what it writes in protobuf', async () => {
  const { protobuf, json } = await sdk()
  const told = record(protobufOfJson(json))
  expect(told).toEqual(record(protobuf))
  expect([told.points.length, told.distributions.length]).toEqual([3, 2])
})

describe('numbers', () => {
  const f = (point: object, value: number) => {
    const { points } = fromJson(gauge({ timeUnixNano: time, ...point }))
    expect(points.map((each) => each.value)).toEqual([value])
  }
  test('as they are', () => f({ asDouble: 0.1 }, 0.1))
  test('with an exponent', () => f({ asDouble: 1e-300 }, 1e-300))
  test('as text', () => f({ asDouble: '-1.5e3' }, -1500))
  test('that are none', () => f({ asDouble: 'NaN' }, Number.NaN))
  test('that are infinite', () => f({ asDouble: 'Infinity' }, Infinity))
  test('that are infinite downwards', () => f({ asDouble: '-Infinity' }, -Infinity))
  test('whole, as text', () => f({ asInt: '-9007199254740991' }, -(2 ** 53 - 1)))
  test('whole', () => f({ asInt: 7 }, 7))
  test('whole, with a fraction of nothing', () => f({ asInt: 7.0 }, 7))
  test('the last of two', () => f({ asInt: '1', asDouble: 2 }, 2))
  test('that are null are not there', () => f({ asInt: null, asDouble: 2 }, 2))
  test('times keep their nanoseconds', () => {
    const { points } = fromJson(gauge({ timeUnixNano: '1544712660300000001', asInt: 1 }))
    expect(points[0]!.timeMs).toBeCloseTo(1_544_712_660_300, 3)
    const number = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":'
    const body = `${number}{"dataPoints":[{"timeUnixNano":1544712660300000000,"asInt":1}]}}]}]}]}`
    expect(record(protobufOfJson(Buffer.from(body))).points[0]!.timeMs).toBe(1_544_712_660_300)
  })
})

test('names that are not known, also in the names of Protobuf, are passed over', () => {
  const { points, rejected } = fromJson({
    ...gauge({ timeUnixNano: time, time_unix_nano: 'x', asInt: 1, exemplars: [{ traceId: 'ab' }] }),
    unknown: [{ a: [1, -2.5e3, 'x', true, false, null, {}, []] }, '\u{1f600}'],
    __proto__: 1,
    constructor: 'x',
  })
  expect([points.length, rejected]).toEqual([1, {}])
})

test('attributes of every type are what they are in protobuf', () => {
  const value = (any: object) => {
    const { points } = fromJson(
      gauge({ timeUnixNano: time, asInt: 1, attributes: [{ key: 'k', value: any }] }),
    )
    return points[0]!.attributes['k']
  }
  expect(value({ stringValue: 'a\n\u0000\ud83d\ude00' })).toBe('a\n\0😀')
  expect(value({ boolValue: false })).toBe('false')
  expect(value({ intValue: '-5' })).toBe('-5')
  expect(value({ doubleValue: 0.5 })).toBe('0.5')
  expect(value({ bytesValue: 'Y2FuZG9y' })).toBe('Y2FuZG9y')
  expect(value({ arrayValue: { values: [{ intValue: 1 }, { stringValue: 'x' }] } })).toBe('[1,"x"]')
  expect(value({ kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } })).toBe(
    '{"a":true}',
  )
  expect(value({})).toBe('')
})

describe('a body is malformed', () => {
  const f = (body: string | Buffer, reason: string) =>
    expect(() => protobufOfJson(Buffer.from(body))).toThrow(reason)
  const point = (text: string) =>
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[${text}]}}]}]}]}`

  test('that is empty', () => f('', 'at byte 0: expected an object, found the end'))
  test('that is no object', () => f('[]', String.raw`byte 0: expected an object, found "[]"`))
  test('that has more behind it', () => f('{} {}', 'byte 3: expected the end'))
  test('that ends early', () => f('{"resourceMetrics":[', 'expected an object, found the end'))
  test('without a colon', () => f('{"a" 1}', 'expected a colon'))
  test('without a comma', () => f('{"a":1 "b":2}', 'expected a comma or }'))
  test('with a comma too many', () => f('{"a":[1,]}', 'expected a value'))
  test('with a name that is none', () => f('{a:1}', 'expected a name'))
  test('with a string that does not end', () => f('{"a":"', 'expected a string that ends'))
  test('with a control character', () => f('{"a":"\n"}', 'without control characters'))
  test('with a number that is none', () => f('{"a":01}', 'expected a value'))
  test('with a word that is none', () => f('{"a":nul}', 'expected a value'))
  test('with a list in place of an object', () => f('{"resourceMetrics":{}}', 'expected a list of'))
  test('with text that is no UTF-8', () =>
    f(
      Buffer.concat([
        Buffer.from('{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"'),
        Buffer.from([0xff]),
        Buffer.from('"}}]}]}'),
      ]),
      'valid UTF-8',
    ))
  test('with an escape that is none', () =>
    f(
      String.raw`{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"\x"}}]}]}`,
      'valid escapes',
    ))
  test('with a time below zero', () =>
    f(point('{"timeUnixNano":"-1"}'), 'timeUnixNano as an integer from 0 to 18446744073709551615'))
  test('with a time that is too large', () =>
    f(point('{"timeUnixNano":18446744073709551616}'), 'timeUnixNano as an integer'))
  test('with an integer that is none', () => f(point('{"asInt":"1.5"}'), 'asInt as an integer'))
  test('with a number in words', () => f(point('{"asDouble":"one"}'), 'asDouble as a number'))
  test('with an enum by its name', () =>
    f(
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"aggregationTemporality":"CUMULATIVE"}}]}]}]}',
      'aggregationTemporality as an integer',
    ))
  test('with bytes that are no base64', () =>
    f(point('{"attributes":[{"value":{"bytesValue":"*"}}]}'), 'bytesValue as base64'))
  test('deeper than anybody needs, known or not', () => {
    f(`{"a":${'['.repeat(100_000)}`, 'expected no more than 64 levels')
    const nested = '{"arrayValue":{"values":['.repeat(50_000)
    f(point(`{"attributes":[{"value":${nested}`), 'expected no more than 48 levels')
  })
  test('that would be too long in protobuf', () => {
    const counts = '1,'.repeat(limits.inflatedBytes.value / 8)
    f(
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":[${counts}1]}]}}]}]}]}`,
      'the message has over',
    )
  })
})

test('any JSON is passed over to its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(3), (text, spaces) => {
      const reader = new JsonReader(Buffer.from(`${text}${' '.repeat(spaces)}`))
      reader.skip()
      reader.end()
    }),
    { numRuns },
  )
})

test('any text is JSON to us when it is to others', () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '0',
    'null',
    ' ',
    '.5',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const found = readOrMalformed(() => {
        const reader = new JsonReader(Buffer.from(text))
        reader.skip()
        reader.end()
      })
      expect(found !== 'malformed').toBe(isJson(text))
    }),
    { numRuns: 4 * numRuns },
  )
})
