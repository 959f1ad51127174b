import type { QueryLimits } from '../../../../collector/query/leaf/ask.ts'

export const someLimits: QueryLimits = {
  maxSamples: 1_000_000,
  maxSeries: 10_000,
  timeoutMs: 20_000,
  memoryBytes: 1 << 30,
}
