/**
 * Of a size or a count that somebody has set, and of a limit that sits where every build looks for it,
 * blindness is not the cause: whoever mends that mends nothing here.
 */
import type { FindingRuleId } from '../../catalog/finding.ts'
import { fixedHeapFlag, numberOf } from '../ergonomics/jvm-flags.ts'
import { blindnessOf, fixedCpus } from '../ergonomics/jvm-sight.ts'
import type { Verdict } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { limitOf } from './limit.ts'

type NotFrom = Pick<Verdict, 'notFrom'>

const OFF = 'jvm.container-support-off'
const ABOVE = 'jvm.limit-on-ancestor'
const OLD = 'jvm.old-version'

/** How the heap is sized. */
export const heapNotFrom = (jvm: RuntimeProfile): NotFrom =>
  notFrom(jvm, fixedHeapFlag(jvm.flags ?? []) !== undefined, limitOf(jvm)?.own !== false)

/** How the CPUs are counted. */
export const cpusNotFrom = (jvm: RuntimeProfile): NotFrom =>
  notFrom(jvm, fixedCpus(jvm) !== undefined, jvm.ownCpuLimitCores === jvm.cpuLimitCores)

/** How many threads collect, which follows from the CPUs unless somebody says. */
export function gcThreadsNotFrom(jvm: RuntimeProfile): NotFrom {
  if (numberOf(jvm.flags ?? [], 'ParallelGCThreads') === undefined) return cpusNotFrom(jvm)
  return { notFrom: [OFF, ABOVE, OLD, 'jvm.cpu-count-exceeds-quota'] }
}

function notFrom(jvm: RuntimeProfile, isSet: boolean, isOwn: boolean): NotFrom {
  if (isSet) return { notFrom: [OFF, ABOVE, OLD] }
  if (!isOwn) return {}
  const causes: readonly FindingRuleId[] =
    blindnessOf(jvm) === undefined ? [OFF, ABOVE, OLD] : [ABOVE]
  return { notFrom: causes }
}
