/** Why cgroups, or parts of them, are there and were not read. */
import { isRefusal } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import type { UnreadPart } from './cgroup-files.ts'
import type { UnreadCgroup } from './node.ts'

export type UnreadReason = UnreadCgroup | UnreadPart | 'malformed' | 'failed'

export function reasonOf(error: unknown): UnreadReason {
  if (error instanceof MalformedFile) return 'malformed'
  return isRefusal(error) ? 'permission' : 'failed'
}

export function countOne<K>(counts: Map<K, number>, reason: K | undefined): void {
  if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
}

export function sum<K>(...counts: readonly ReadonlyMap<K, number>[]): Map<K, number> {
  const total = new Map<K, number>()
  for (const count of counts) {
    for (const [key, n] of count) total.set(key, (total.get(key) ?? 0) + n)
  }
  return total
}
