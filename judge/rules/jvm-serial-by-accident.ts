/**
 * jvm.serial-by-accident: one thread collects a large heap, since the JVM took itself for a small
 * machine.
 *
 * Without a flag a JVM takes Serial where it sees less than 2 CPUs or less than 1792 MiB. With
 * several CPUs at hand that costs a third of the throughput and makes the longest pauses six times
 * longer.
 */
import { majorVersion, wasSet } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, NO_CPUS } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { COLLECTOR_FLAG, flagsAreWhole } from './flag-fix.ts'
import { heapMaxOf } from './heap-max.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, mebibytes } from './words.ts'

const RULE = 'jvm.serial-by-accident'
const { cores: CPUS, heap: HEAP_BYTES } = thresholdsOf(RULE)
/** Since then the default is G1 on every machine. */
const NEVER_BY_ITSELF_SINCE = 27

export function judgeSerialByAccident(jvm: RuntimeProfile): Judgement {
  const { collector, heapMaxBytes } = jvm
  if (collector === undefined) return notJudged('its collector is not known')
  if (collector !== 'Serial') return FINE
  if ((majorVersion(jvm.version) ?? 0) >= NEVER_BY_ITSELF_SINCE) return FINE
  const granted = grantedCpus(jvm)
  if (granted === undefined) return notJudged(NO_CPUS)
  if (granted.cores < CPUS) return FINE
  if (heapMaxBytes === undefined) return notJudged('the maximum of the heap is not known')
  if (heapMaxBytes < HEAP_BYTES) return FINE
  const chosen = isChosen(jvm)
  if (chosen === undefined)
    return notJudged('whether its collector was chosen by a flag is not known')
  if (chosen) return FINE
  const heap = heapMaxOf(jvm, heapMaxBytes)
  const believed = evidence('threads that collect', 1, '{thread}', 'collector Serial, by no flag')
  return finding({
    rule: RULE,
    severity: 'high',
    confidence: granted.confidence,
    summary: `The JVM took Serial by itself: one thread collects up to ${mebibytes(heapMaxBytes)} of heap, with ${cores(granted.cores)} at hand.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, heap],
    fix: 'add -XX:+UseG1GC',
    fixValues: {},
  })
}

/** Whether a flag asked for a collector; undefined where one may be hidden. */
function isChosen(jvm: RuntimeProfile): boolean | undefined {
  const final = jvm.finalFlags?.['UseSerialGC']
  if (final !== undefined) return wasSet(final)
  if (jvm.flags?.some((flag) => COLLECTOR_FLAG.test(flag)) === true) return true
  return flagsAreWhole(jvm) ? false : undefined
}
