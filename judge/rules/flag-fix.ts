/** How a flag of a JVM is set, seen from the flags that it has: two of a kind may keep it from starting. */
import { CUT } from '../../catalog/entity.ts'
import type { RuntimeProfile } from '../profile.ts'

type HasFlags = Pick<RuntimeProfile, 'flags'>

/** Flags that choose the collector; a JVM with two of them does not start. */
export const COLLECTOR_FLAG =
  /^-XX:\+Use(?:Serial|Parallel|ParallelOld|ParNew|ConcMarkSweep|G1|Z|Shenandoah|Epsilon)GC$/

/** Whether there is no flag but those that are listed. */
export const flagsAreWhole = ({ flags }: HasFlags): boolean =>
  flags !== undefined && flags.at(-1) !== CUT

/** `replace OLD by NEW`, `add NEW`, or `set NEW` where a flag may be there that cannot be seen. */
export function withFlag(jvm: HasFlags, old: RegExp, wanted: string): string {
  const present = [...new Set((jvm.flags ?? []).filter((flag) => old.test(flag)))]
  if (present.length > 0) return `replace ${present.join(' and ')} by ${wanted}`
  return `${flagsAreWhole(jvm) ? 'add' : 'set'} ${wanted}`
}

/** `-XX:Name=…`, whatever its value. */
export const anyOf = (...names: readonly string[]): RegExp =>
  new RegExp(`^-XX:(?:${names.join('|')})=`)
