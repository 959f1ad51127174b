/** What the showcase is made for holds at any time of day, whichever of its containers is between two lives. */
import { expect, test } from 'vitest'
import { GIB } from '../../demo/plan.ts'
import { showcase } from '../../demo/plans/showcase.ts'

/** No request that is typical for these workloads asks for more. */
const TYPICAL = { cores: 2, bytes: 2 * GIB }

test.each(showcase.shapes)('$name is full only where it is made to be', (shape) => {
  const sum = (of: 'cpuLimitCores' | 'memoryLimitBytes') =>
    shape.holds.reduce((total, { workload, count }) => total + (workload[of] ?? 0) * count, 0)
  const left = {
    cores: shape.cpus - sum('cpuLimitCores'),
    bytes: shape.memoryBytes - sum('memoryLimitBytes'),
  }
  expect(left.cores < TYPICAL.cores).toBe(shape.name === 'media')
  expect(left.bytes < TYPICAL.bytes).toBe(shape.name === 'cache')
})
