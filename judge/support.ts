/** Whether a version of a runtime still gets fixes. */
import type { RuntimeKind } from '../catalog/runtime-kind.ts'
import {
  jdkVendors,
  runtimeSupport,
  SUPPORT_STALE_DAYS,
  supportAsOf,
  type SupportTable,
} from '../catalog/runtime-support.ts'

const DAY_MS = 86_400_000

export interface SupportEnded {
  /** `3.9`. */
  readonly line: string
  /** Last day, or a later one where only that is known: `2025-10-31`. */
  readonly end: string
}

export interface Build {
  readonly runtime: RuntimeKind
  readonly version?: string
  /** Of a JVM: its name, and its vendor in brackets. */
  readonly description?: string
}

/** Undefined where it is supported, and where nobody here knows. */
export function supportEnded(build: Build, nowMs: number): SupportEnded | undefined {
  const { runtime, version, description } = build
  const ofVendor =
    runtime === 'jvm' ? jdkVendors.find(({ vendor }) => description?.includes(vendor)) : undefined
  return [runtimeSupport[runtime], ofVendor]
    .filter((table) => table !== undefined)
    .map((table) => (version === undefined ? undefined : endedBy(table, version, nowMs)))
    .find((ended) => ended !== undefined)
}

/** Where the table is so old that what it does not hold may have ended long ago. */
export const supportIsStale = (nowMs: number): boolean =>
  nowMs >= Date.parse(supportAsOf) + (SUPPORT_STALE_DAYS + 1) * DAY_MS

function endedBy(table: SupportTable, version: string, nowMs: number): SupportEnded | undefined {
  const line = table.line.exec(version)?.[1]
  if (line === undefined) return undefined
  const end = Object.hasOwn(table.ends, line) ? table.ends[line]! : endOfOlder(table, line)
  return end !== undefined && nowMs >= Date.parse(end) + DAY_MS ? { line, end } : undefined
}

function endOfOlder({ ends, olderEnded }: SupportTable, line: string): string | undefined {
  const first = Object.keys(ends).toSorted(byVersion)[0]!
  return olderEnded && byVersion(line, first) < 0 ? ends[first] : undefined
}

export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
