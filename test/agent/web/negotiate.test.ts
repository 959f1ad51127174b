import { expect, test } from 'vitest'
import { encodingOf, formatOf } from '../../../agent/web/negotiate.ts'

test('encodings by weight, zstd before gzip before nothing', () => {
  const f = (header: string | undefined, want: string) => expect(encodingOf(header)).toBe(want)
  f(undefined, 'identity')
  f('', 'identity')
  f('identity', 'identity')
  f('gzip', 'gzip')
  f('x-gzip', 'gzip')
  f('GZIP', 'gzip')
  f('gzip, deflate, br, zstd', 'zstd')
  f('zstd;q=0.5, gzip;q=0.5', 'zstd')
  f('zstd;q=0.4, gzip;q=0.5', 'gzip')
  f('deflate, gzip;q=0.5', 'gzip')
  f('gzip;q=0.5, identity', 'identity')
  f('gzip ; q=1.000', 'gzip')
  f('gzip;q=0', 'identity')
  f('gzip;q=0.000, zstd;q=0', 'identity')
  f('gzip;q=2', 'identity')
  f('gzip;q=x', 'identity')
  f('*', 'gzip')
  f('*;q=0', 'identity')
  f('x-gzipped, br', 'identity')
  f(','.repeat(1_000), 'identity')
})

test('OpenMetrics for who prefers it', () => {
  const f = (header: string | undefined, want: string) => expect(formatOf(header)).toBe(want)
  f(undefined, 'text')
  f('*/*', 'text')
  f('text/html,application/xhtml+xml,*/*;q=0.8', 'text')
  f('application/openmetrics-text', 'openmetrics')
  f('application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics')
  f('application/openmetrics-text; version="1.0.0"', 'openmetrics')
  f('application/openmetrics-text; version=0.0.1', 'text')
  f('application/openmetrics-text; version=2.0.0', 'text')
  f('application/openmetrics-text;q=0', 'text')
  f('application/openmetrics-text;q=0.4,text/plain;version=0.0.4;q=0.5', 'text')
  // What Prometheus 2 and 3 send.
  f(
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  )
  f(
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  )
})
