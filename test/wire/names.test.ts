import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prometheusLabels, prometheusName } from '../../wire/names.ts'

const NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/
const LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/

test('names of metrics', () => {
  const f = (kind: 'gauge' | 'counter' | 'updown', name: string, unit: string, want: string) =>
    expect(prometheusName(name, unit, kind)).toBe(want)
  f('counter', 'http.server.requests', '{request}', 'http_server_requests_total')
  f('gauge', 'http.server.duration', 's', 'http_server_duration_seconds')
  f('counter', 'system.io', 'By', 'system_io_bytes_total')
  f('updown', 'system.filesystem.usage', 'By', 'system_filesystem_usage_bytes')
  f('gauge', 'cpu.usage', '1', 'cpu_usage_ratio')
  f('gauge', 'cpu_usage_ratio', '1', 'cpu_usage_ratio')
  f('counter', 'items', '1', 'items_total')
  f('updown', 'items', '1', 'items')
  f('counter', 'requests_total', '', 'requests_total')
  f('counter', 'cpu_seconds_total', 's', 'cpu_seconds_total')
  f('counter', 'total.requests', '', 'requests_total')
  f('gauge', 'response_time_seconds', 's', 'response_time_seconds')
  f('gauge', 'throughput', 'By/s', 'throughput_bytes_per_second')
  f('gauge', 'requests', '1/s', 'requests_per_second')
  f('gauge', 'requests_per_second', '{request}/s', 'requests_per_second')
  f('gauge', 'speed', 'm/s', 'speed_meters_per_second')
  f('gauge', 'custom_metric', 'By/{custom}', 'custom_metric_bytes')
  f('gauge', 'custom_metric', '{custom}', 'custom_metric')
  f(
    'gauge',
    'custom_metric',
    'unit@with#special/chars',
    'custom_metric_unit_with_special_per_chars',
  )
  f('gauge', 'metric__with__underscores', '', 'metric_with_underscores')
  f('gauge', 'metric@@##$$name', '', 'metric_name')
  f('gauge', '123metric', '', '_123metric')
  f('gauge', 'temperature', 'Cel', 'temperature_celsius')
  f('gauge', 'constructor', 'toString', 'constructor_toString')
})

test('a name of which nothing can stand is none', () => {
  expect(prometheusName('@#$%', '', 'counter')).toBeUndefined()
  expect(prometheusName('', '', 'gauge')).toBeUndefined()
})

test('labels of attributes', () => {
  const f = (attributes: Record<string, string>, want: Record<string, string>) =>
    expect(prometheusLabels(new Map(Object.entries(attributes)))).toEqual(want)
  f({ 'http.request.method': 'GET' }, { http_request_method: 'GET' })
  f({ '1st': 'a', __name__: 'b', ä: 'c' }, { key_1st: 'a', _name_: 'b', _: 'c' })
  f({ 'a.b': '1', a_b: '2', c: '3' }, { a_b: '1;2', c: '3' })
})

test('any name and any attribute give what Prometheus takes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('gauge' as const, 'counter' as const, 'updown' as const),
      (name, unit, kind) => {
        expect(prometheusName(name, unit, kind) ?? 'none').toMatch(NAME)
        for (const label of Object.keys(prometheusLabels(new Map([[name, unit]])))) {
          expect(label).toMatch(LABEL)
        }
      },
    ),
  )
})
