/**
 * How large a store will be, from how large its days are: a pure function of its partitions.
 *
 * Each kind of partition grows by what its newest whole ones took a day, until it spans the time that
 * it is kept; from then on as much goes as comes.
 */
import { type Partition, type Retention, spanOf, timesKept } from '../retention.ts'

const DAY_MS = 86_400_000
/** Whole partitions that the rate of a kind is taken from. */
const NEWEST = 7

export interface Forecast {
  /** All partitions now. */
  readonly bytes: number
  /** What comes a day; undefined before there is a whole partition of samples. */
  readonly bytesPerDay?: number
  /** The size at which as much goes as comes. */
  readonly finalBytes?: number
  /** Until the disk is full; undefined where it never will be. */
  readonly fullInDays?: number
}

export function forecast(
  partitions: readonly Partition[],
  retention: Retention,
  freeBytes: number,
  nowMs: number,
): Forecast {
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0)
  const kinds = Map.groupBy(
    partitions.filter((partition) => spanOf(partition) !== undefined),
    (partition) => `${partition.table} ${timesKept(partition, retention).kept}`,
  )
  const growing = [...kinds.values()].flatMap((of) => {
    const kind = growth(of, retention, nowMs)
    return kind === undefined ? [] : [kind]
  })
  if (growing.length === 0) return { bytes }
  const bytesPerDay = growing.reduce((sum, each) => sum + each.bytesPerDay, 0)
  const finalBytes = growing.reduce(
    (sum, { bytesPerDay: rate, daysLeft }) => sum + rate * daysLeft,
    bytes,
  )
  const limit = Math.min(finalBytes, retention.bytes ?? Infinity)
  const fullInDays = limit - bytes > freeBytes ? daysUntil(growing, freeBytes) : undefined
  return {
    bytes,
    bytesPerDay,
    finalBytes: limit,
    ...(fullInDays !== undefined && { fullInDays }),
  }
}

interface Growth {
  readonly bytesPerDay: number
  /** Until it spans the time that it is kept. */
  readonly daysLeft: number
}

function growth(of: readonly Partition[], retention: Retention, nowMs: number): Growth | undefined {
  const whole = of
    .map((partition) => ({ partition, span: spanOf(partition)! }))
    .filter(({ span }) => span[1] <= nowMs)
    .toSorted((a, b) => b.span[0] - a.span[0])
  const newest = whole.slice(0, NEWEST)
  if (newest.length === 0) return undefined
  const days = newest.reduce((sum, { span }) => sum + (span[1] - span[0]) / DAY_MS, 0)
  const size = newest.reduce((sum, { partition }) => sum + partition.bytes, 0)
  const { forMs } = timesKept(newest[0]!.partition, retention)
  const ageMs = nowMs - whole.at(-1)!.span[0]
  return { bytesPerDay: size / days, daysLeft: Math.max(0, forMs - ageMs) / DAY_MS }
}

/** Kinds stop growing one after the other. */
function daysUntil(growing: readonly Growth[], freeBytes: number): number {
  const sorted = growing.toSorted((a, b) => a.daysLeft - b.daysLeft)
  let rate = sorted.reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0)
  let free = freeBytes
  let days = 0
  for (const { bytesPerDay, daysLeft } of sorted) {
    const grown = rate * (daysLeft - days)
    if (grown >= free) break
    free -= grown
    days = daysLeft
    rate -= bytesPerDay
  }
  return days + free / rate
}
