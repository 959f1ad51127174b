import { describe, expect, test } from 'vitest'
import { askedFor, type Environment, tracesLeadTo } from '../../../collector/telemetry/asked.ts'

describe('what the environment asks for', () => {
  const f = (env: Environment, ...want: ('traces' | 'metrics')[]) =>
    expect(askedFor(env)).toEqual({
      traces: want.includes('traces'),
      metrics: want.includes('metrics'),
    })
  const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://backend:4318' }

  test('nothing, unless an endpoint or an exporter is named', () => {
    f({})
    f({ OTEL_SERVICE_NAME: 'x', OTEL_RESOURCE_ATTRIBUTES: 'a=b', OTEL_LOGS_EXPORTER: 'otlp' })
    f({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' })
    f({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://backend:4318' })
  })
  test('both, by an endpoint', () => f(ENDPOINT, 'traces', 'metrics'))
  test('one of them, by an endpoint of its own', () => {
    f({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://backend/v1/traces' }, 'traces')
    f({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://backend/v1/metrics' }, 'metrics')
  })
  test('one of them, by its exporter', () => {
    f({ OTEL_TRACES_EXPORTER: 'otlp' }, 'traces')
    f({ OTEL_METRICS_EXPORTER: 'console' }, 'metrics')
    f({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, 'metrics')
    f({ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'otlp, none' }, 'traces')
  })
  test('nothing, when it is disabled', () => {
    f({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' })
    f({ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' })
    f({ ...ENDPOINT, OTEL_SDK_DISABLED: '1' }, 'traces', 'metrics')
  })
})

test('spans that would go to the collector itself are known', () => {
  const f = (endpoint: string, host = '127.0.0.1') =>
    tracesLeadTo({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, { host, port: 4318 })
  expect(f('http://127.0.0.1:4318')).toBe(true)
  expect(f('http://localhost:4318/', '0.0.0.0')).toBe(true)
  expect(f('https://collector.example:4318', 'collector.example')).toBe(true)
  expect(f('http://127.0.0.1:4317')).toBe(false)
  expect(f('http://backend:4318')).toBe(false)
  expect(f('nonsense')).toBe(false)
  expect(tracesLeadTo({ OTEL_TRACES_EXPORTER: 'otlp' }, { host: '', port: 4318 })).toBe(true)
  expect(tracesLeadTo({ OTEL_TRACES_EXPORTER: 'console' }, { host: '', port: 4318 })).toBe(false)
  const apart = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://backend:4318/v1/traces',
  }
  expect(tracesLeadTo(apart, { host: '', port: 4318 })).toBe(false)
})
