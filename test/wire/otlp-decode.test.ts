import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../catalog/limit.ts'
import { encodePass } from './encode-pass.ts'
import {
  ANY_VALUE,
  DATA,
  KEY_VALUE,
  LIST,
  METRIC,
  NO_RECORDED_VALUE,
  POINT,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUM,
} from '../../wire/otlp-fields.ts'
import { Writer } from '../../wire/protobuf.ts'
import { passes } from './passes.ts'
import { readOrMalformed, record } from './recorder.ts'

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/otlp/opentelemetry-js-0.301.0/${name}`, import.meta.url))

type Write = (writer: Writer) => void

const bytesOf = (write: Write): Buffer => {
  const writer = new Writer()
  write(writer)
  return writer.take()
}
const message =
  (field: number, ...parts: readonly Write[]): Write =>
  (writer) => {
    const start = writer.begin(field)
    for (const part of parts) part(writer)
    writer.end(start)
  }
const text =
  (field: number, value: string): Write =>
  (writer) =>
    writer.textField(field, value)
const attribute = (field: number, key: string, value: Write): Write =>
  message(field, text(KEY_VALUE.key, key), message(KEY_VALUE.value, value))
const named = (field: number, key: string, value: string) =>
  attribute(field, key, text(ANY_VALUE.string, value))
const time: Write = (writer) => writer.unixNanoField(POINT.time, 1_000)
const value: Write = (writer) => writer.doubleField(POINT.asDouble, 1.5)
const point = (...parts: readonly Write[]) => message(DATA.points, ...parts)
const gauge = (...points: readonly Write[]) => message(METRIC.gauge, ...points)
const metric = (name: string, ...parts: readonly Write[]) =>
  message(SCOPE_METRICS.metrics, text(METRIC.name, name), ...parts)
const resource = (...parts: readonly Write[]) => message(RESOURCE_METRICS.resource, ...parts)
const metrics = (...parts: readonly Write[]) => message(RESOURCE_METRICS.scopeMetrics, ...parts)
const request = (...parts: readonly Write[]): Buffer =>
  bytesOf(message(REQUEST.resourceMetrics, ...parts))

describe('bodies of the OpenTelemetry SDK', () => {
  test('cumulative', () => {
    const { resources, metrics, points, distributions, rejected } = record(
      fixture('cumulative.bin'),
    )
    expect(Object.fromEntries(resources[0]!)).toEqual({
      'service.name': 'shop',
      'service.instance.id': 'shop-1',
      'process.command_args': '["node","shop.js"]',
      'process.pid': '42',
      'cloud.ok': 'true',
      'load.factor': '0.5',
    })
    expect(metrics).toEqual([
      { name: 'http.server.sizes', unit: 'By', kind: 'histogram' },
      { name: 'http.server.requests', unit: '{request}', kind: 'counter' },
      { name: 'work.time', unit: 's', kind: 'counter' },
      { name: 'http.server.active_requests', unit: '', kind: 'updown' },
      { name: 'queue.fill', unit: '1', kind: 'gauge' },
      { name: 'http.server.request.duration', unit: 's', kind: 'histogram' },
    ])
    expect(points.map(({ metric, attributes, value }) => [metric, attributes, value])).toEqual([
      [
        'http.server.requests',
        { 'http.request.method': 'GET', 'http.response.status_code': '200' },
        40,
      ],
      [
        'http.server.requests',
        { 'http.request.method': 'GET', 'http.response.status_code': '500' },
        2,
      ],
      ['work.time', {}, 1.25],
      ['http.server.active_requests', { zone: 'äöü' }, -3],
      ['queue.fill', {}, 0.75],
    ])
    for (const { timeMs, startMs } of points) expect(timeMs - startMs!).toBeLessThan(60_000)
    expect(distributions.map(({ metric, distribution }) => [metric, distribution.form])).toEqual([
      ['http.server.sizes', 'exponential'],
      ['http.server.request.duration', 'explicit'],
    ])
    expect(rejected).toEqual({})
  })

  test('delta sums are counted, not taken', () => {
    const { points, rejected } = record(fixture('delta.bin'))
    expect(points.map(({ metric }) => metric)).toEqual([
      'http.server.active_requests',
      'queue.fill',
    ])
    expect(rejected).toEqual({ deltaTemporality: 5 })
  })
})

test('bytes that were seen as a resource mean nothing for a point, nor the other way round', () => {
  const ofPoint = named(POINT.attributes, 'cache', 'by field')
  const ofResource = named(RESOURCE.attributes, 'cache', 'by field')
  // Neither has attributes: to each the field of the other is unknown.
  record(request(resource(ofPoint)))
  record(request(metrics(metric('x', gauge(point(ofResource, time, value))))))
  const attributes = { cache: 'by field' }
  const { resources, points } = record(
    request(resource(ofResource), metrics(metric('x', gauge(point(ofPoint, time, value))))),
  )
  expect(Object.fromEntries(resources[0]!)).toEqual(attributes)
  expect(points[0]!.attributes).toEqual(attributes)
})

test('fields may stand in any order, and unknown ones are passed over', () => {
  const unknown = text(99, 'from a later version')
  const body = request(
    unknown,
    metrics(
      message(
        SCOPE_METRICS.metrics,
        message(
          METRIC.sum,
          (writer) => writer.varintField(SUM.monotonic, 1),
          point(
            value,
            unknown,
            named(POINT.attributes, 'a', '1'),
            time,
            named(POINT.attributes, 'b', '2'),
          ),
          (writer) => writer.varintField(SUM.temporality, 2),
        ),
        text(METRIC.unit, 's'),
        unknown,
        text(METRIC.name, 'late'),
      ),
    ),
    resource(unknown, named(RESOURCE.attributes, 'service.name', 'shop')),
  )
  expect(record(body).points).toEqual([
    {
      resource: { 'service.name': 'shop' },
      metric: 'late',
      unit: 's',
      kind: 'counter',
      attributes: { a: '1', b: '2' },
      timeMs: 1_000,
      startMs: undefined,
      value: 1.5,
      unrecorded: false,
    },
  ])
})

test('attribute values of every type become text', () => {
  const list = (...items: readonly Write[]) =>
    message(ANY_VALUE.array, ...items.map((item) => message(LIST.values, item)))
  const int =
    (value: number): Write =>
    (writer) =>
      writer.varintField(ANY_VALUE.int, value)
  const double =
    (value: number): Write =>
    (writer) =>
      writer.doubleField(ANY_VALUE.double, value)
  const f = (value: Write, want: string) => {
    const body = request(resource(attribute(RESOURCE.attributes, 'k', value)))
    expect(record(body).resources[0]!.get('k')).toBe(want)
  }
  f(text(ANY_VALUE.string, 'plain "text"'), 'plain "text"')
  f((writer) => writer.varintField(ANY_VALUE.bool, 1), 'true')
  f((writer) => writer.varintField(ANY_VALUE.bool, 0), 'false')
  f(int(42), '42')
  f((writer) => writer.raw(Buffer.from('18ffffffffffffffffff01', 'hex')), '-1')
  f(double(0.1), '0.1')
  f(double(Number.POSITIVE_INFINITY), 'Infinity')
  f(
    message(ANY_VALUE.bytes, (writer) => writer.raw(Buffer.from('candor'))),
    'Y2FuZG9y',
  )
  f(list(text(ANY_VALUE.string, 'a"b'), int(1), double(Number.NaN)), String.raw`["a\"b",1,"NaN"]`)
  f(
    message(ANY_VALUE.kvlist, named(LIST.values, 'x', 'y'), attribute(LIST.values, 'n', list())),
    '{"x":"y","n":[]}',
  )
  f(() => {}, '')
})

test('a point that was not recorded says so and has no value', () => {
  const flags: Write = (writer) => writer.varintField(POINT.flags, NO_RECORDED_VALUE)
  const { points } = record(
    request(metrics(metric('m', gauge(point(time, flags), point(time, value, flags))))),
  )
  expect(points.map(({ value, unrecorded }) => [value, unrecorded])).toEqual([
    [Number.NaN, true],
    [Number.NaN, true],
  ])
})

describe('what is valid but cannot be taken is counted with its reason', () => {
  const many = (field: number, count: number) =>
    Array.from({ length: count }, (_, i) => named(field, `k${i}`, 'v'))
  const long = 'x'.repeat(limits.nameBytes.value + 1)
  const good = point(time, value)
  const cases: readonly (readonly [reason: string, points: number, body: Buffer])[] = [
    ['timeless', 1, request(metrics(metric('m', gauge(good, point(value)))))],
    ['valueless', 1, request(metrics(metric('m', gauge(good, point(time)))))],
    ['nameless', 2, request(metrics(metric('m', gauge(good)), metric('', gauge(good, good))))],
    ['nameBytes', 2, request(metrics(metric('m', gauge(good)), metric(long, gauge(good, good))))],
    [
      'pointAttributes',
      1,
      request(
        metrics(
          metric(
            'm',
            gauge(
              good,
              point(time, value, ...many(POINT.attributes, limits.pointAttributes.value + 1)),
            ),
          ),
        ),
      ),
    ],
    [
      'nameBytes',
      1,
      request(
        metrics(metric('m', gauge(good, point(time, value, named(POINT.attributes, long, 'v'))))),
      ),
    ],
    [
      'attributeBytes',
      1,
      request(
        metrics(
          metric(
            'm',
            gauge(
              good,
              point(
                time,
                value,
                named(POINT.attributes, 'k', 'x'.repeat(limits.attributeBytes.value + 1)),
              ),
            ),
          ),
        ),
      ),
    ],
  ]
  test.each(cases)('%s', (reason, count, body) => {
    const { points, rejected } = record(body)
    expect(rejected).toEqual({ [reason]: count })
    expect(points).toHaveLength(1)
  })

  test('what is too much is not read to its end: nothing is made of what follows', () => {
    const broken: Write = (writer) => writer.raw(Buffer.from('c328', 'hex'))
    const unread = message(POINT.attributes, message(KEY_VALUE.key, broken))
    const item = (...parts: readonly Write[]) => message(LIST.values, ...parts)
    const long = text(ANY_VALUE.string, 'x'.repeat(limits.attributeBytes.value))
    const unreadItem = item(message(ANY_VALUE.string, broken))
    const unreadPair = item(message(KEY_VALUE.key, broken))
    const pair = item(text(KEY_VALUE.key, 'k'), message(KEY_VALUE.value, long))
    const f = (reason: string, ...attributes: readonly Write[]) => {
      const { rejected } = record(
        request(metrics(metric('m', gauge(point(time, value, ...attributes))))),
      )
      expect(rejected).toEqual({ [reason]: 1 })
    }
    f('pointAttributes', ...many(POINT.attributes, limits.resourceAttributes.value + 1), unread)
    const list = message(ANY_VALUE.array, item(long), unreadItem)
    f('attributeBytes', attribute(POINT.attributes, 'k', list))
    f(
      'attributeBytes',
      attribute(POINT.attributes, 'k', message(ANY_VALUE.kvlist, pair, unreadPair)),
    )
  })

  test('a resource takes its points with it, and no others', () => {
    const refused = message(
      REQUEST.resourceMetrics,
      resource(...many(RESOURCE.attributes, limits.resourceAttributes.value + 1)),
      metrics(metric('m', gauge(good, good)), metric('n', gauge(good))),
    )
    const taken = message(REQUEST.resourceMetrics, metrics(metric('m', gauge(good))))
    const { resources, points, rejected } = record(
      bytesOf((writer) => [refused, taken].forEach((each) => each(writer))),
    )
    expect(rejected).toEqual({ resourceAttributes: 3 })
    expect(resources).toHaveLength(1)
    expect(points).toHaveLength(1)
  })

  test('points beyond what one request may hold', () => {
    const limit = limits.requestPoints.value
    const one = bytesOf(good)
    const body = request(
      metrics(
        metric(
          'm',
          message(METRIC.gauge, (writer) =>
            writer.raw(Buffer.alloc(one.length * (limit + 3)).fill(one)),
          ),
        ),
      ),
    )
    const { points, rejected } = record(body)
    expect(points).toHaveLength(limit)
    expect(rejected).toEqual({ requestPoints: 3 })
  })
})

describe('what is malformed throws with the place', () => {
  test('text that is not UTF-8, in a name and in a value', () => {
    const broken = (field: number): Write =>
      message(field, (writer) => writer.raw(Buffer.from('c328', 'hex')))
    const f = (body: Buffer) =>
      expect(() => record(body)).toThrow(/malformed message at byte \d+: text is not valid UTF-8/)
    f(request(metrics(message(SCOPE_METRICS.metrics, broken(METRIC.name)))))
    f(request(resource(message(RESOURCE.attributes, broken(KEY_VALUE.key)))))
    f(
      request(
        resource(message(RESOURCE.attributes, message(KEY_VALUE.value, broken(ANY_VALUE.string)))),
      ),
    )
  })

  test('lists within lists without end', () => {
    let nested: Write = () => {}
    for (let depth = 0; depth < 5_000; depth++) nested = nest(nested)
    expect(() => record(request(resource(attribute(RESOURCE.attributes, 'k', nested))))).toThrow(
      'nest deeper',
    )
  })
  const nest = (inner: Write): Write => {
    const bytes = bytesOf(inner)
    return message(
      ANY_VALUE.array,
      message(LIST.values, (writer) => writer.raw(bytes)),
    )
  }

  test('every truncation of a real body, unless it ends between fields', () => {
    const body = fixture('cumulative.bin')
    for (let length = 1; length < body.length; length++) {
      expect(readOrMalformed(() => record(body.subarray(0, length)))).toBe('malformed')
    }
  })
})

test('an empty body says nothing', () => {
  expect(record(Buffer.alloc(0))).toMatchObject({ resources: [], points: [], rejected: {} })
})

test('the same resource gives the same map', () => {
  const body = request(resource(named(RESOURCE.attributes, 'service.name', 'shop')))
  expect(record(body).resources[0]).toBe(record(Buffer.from(body)).resources[0])
})

test('any bytes, and any damage to a good body, are read or are malformed', () => {
  const check = (body: Uint8Array) => {
    const outcome = readOrMalformed(() =>
      record(body).points.every(({ value, unrecorded }) => Number.isNaN(value) === unrecorded),
    )
    expect([true, 'malformed']).toContain(outcome)
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check))
  fc.assert(
    fc.property(
      passes,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (pass, changes) => {
        for (const body of encodePass(pass)) {
          for (const [at, byte] of changes) body[at % body.length] = byte
          check(body)
        }
      },
    ),
  )
})
