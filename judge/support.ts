/** Whether a version of a runtime still gets fixes. */
import type { RuntimeKind } from '../catalog/runtime-kind.ts'
import { runtimeSupport } from '../catalog/runtime-support.ts'

const DAY_MS = 86_400_000

export interface SupportEnded {
  /** `3.9`. */
  readonly line: string
  /** Last day, or a later one where only that is known: `2025-10-31`. */
  readonly end: string
}

/** Undefined where it is supported, and where nobody here knows. */
export function supportEnded(
  runtime: RuntimeKind,
  version: string | undefined,
  nowMs: number,
): SupportEnded | undefined {
  const table = runtimeSupport[runtime]
  const line = version === undefined ? undefined : table?.line.exec(version)?.[1]
  if (table === undefined || line === undefined) return undefined
  const end = Object.hasOwn(table.ends, line) ? table.ends[line]! : endOfOlder(table, line)
  return end !== undefined && nowMs >= Date.parse(end) + DAY_MS ? { line, end } : undefined
}

function endOfOlder(
  { ends, olderEnded }: NonNullable<(typeof runtimeSupport)[RuntimeKind]>,
  line: string,
): string | undefined {
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
