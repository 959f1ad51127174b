import { expect, test } from 'vitest'
import { departureOf } from '../../catalog/compatibility.ts'
import { tables } from '../../catalog/tables.ts'

test('no departure takes a family of ours out of a comparison, but for what readers and the agent say of themselves', () => {
  const ours = new Set(tables.flatMap(({ metrics }) => metrics.map(({ prom }) => prom)))
  expect([...ours].filter((name) => departureOf(name) !== undefined).toSorted()).toEqual([
    'node_scrape_collector_duration_seconds',
    'node_scrape_collector_success',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
  ])
})
