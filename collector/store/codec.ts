/**
 * How the values of a metric are compressed: what took the fewest bytes of the codecs that were
 * measured, see docs/store.md. The engine takes T64 for whole numbers alone, and calls ALP
 * experimental.
 *
 * Each ends in ZSTD, which also takes the null map of a Nullable column to nearly nothing; behind a
 * codec without it the map costs a byte a row.
 */
import type { Metric } from '../../catalog/metric.ts'

/** Differences of the bits: what rises by little, or moves in pages. */
const DIFFERENCES = 'CODEC(Delta(8), ZSTD(1))'
/** Values that come again. */
const VALUES = 'CODEC(ZSTD(1))'

export const codecOf = ({ kind }: Pick<Metric, 'kind' | 'unit'>): string =>
  kind === 'counter' || kind === 'untyped' ? DIFFERENCES : VALUES
