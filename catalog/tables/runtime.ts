/** One row a runtime a pass, and one a collector of a JVM. */
import type { Table } from '../metric.ts'
import { runtimeCommon } from './runtime-common.ts'
import { runtimeJvm } from './runtime-jvm.ts'

const since = '0.1'

export const runtime = {
  name: 'runtime',
  entity: 'runtime',
  keys: [],
  rows: 'one a runtime',
  metrics: [...runtimeCommon, ...runtimeJvm],
} as const satisfies Table

export const runtimeGc = {
  name: 'runtime_gc',
  entity: 'runtime',
  keys: [{ label: 'gc', attribute: 'jvm.gc.name' }],
  rows: 'one a collector of a JVM',
  metrics: [
    {
      column: 'collections',
      prom: 'candor_jvm_gc_collections_total',
      otel: 'candor.jvm.gc.collections',
      kind: 'counter',
      unit: '{collection}',
      help: 'Collections, as the collector counts them.',
      source: 'hsperfdata sun.gc.collector.N.invocations',
      since,
    },
    {
      column: 'seconds',
      prom: 'candor_jvm_gc_seconds_total',
      otel: 'candor.jvm.gc.time',
      kind: 'counter',
      unit: 's',
      help: 'Time that the collector reports: pauses for Serial, Parallel, G1 and ZGC; pauses and concurrent phases for Shenandoah. Concurrent work of ZGC is not in it.',
      source: 'hsperfdata sun.gc.collector.N.time',
      since,
    },
  ],
} as const satisfies Table
