/**
 * jvm.metaspace-growth: classes are loaded and never let go, and nothing bounds them.
 *
 * A leak of class loaders ends in a kill by the kernel. With a bound it ends in an OutOfMemoryError that
 * says Metaspace.
 */
import { valueOf } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { slopeOf } from './long-run.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.metaspace-growth'
const { growth: BYTES_PER_HOUR, classes: CLASSES_PER_HOUR, warm: WARM_SECONDS } = thresholdsOf(RULE)
const MIB = 1024 ** 2
const CAP = 1.5

export function judgeMetaspaceGrowth(jvm: RuntimeProfile): Judgement {
  const { flags = [], metaspaceCommittedBytes } = jvm
  if (valueOf(flags, 'MaxMetaspaceSize') !== undefined) return FINE
  if (!flagsAreWhole(jvm)) return notJudged('not all of its flags could be read')
  const seen = slopeOf(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const { metaspaceBytesPerHour, classesPerHour, slopeSeconds = 0 } = seen.longRun
  if (metaspaceBytesPerHour === undefined || classesPerHour === undefined)
    return notJudged('how its metaspace grows was not measured')
  if (metaspaceBytesPerHour <= BYTES_PER_HOUR || classesPerHour < CLASSES_PER_HOUR) return FINE
  if (jvm.ageSeconds === undefined || jvm.ageSeconds < slopeSeconds + WARM_SECONDS)
    return notJudged('it may still be warming up')
  if (metaspaceCommittedBytes === undefined) return notJudged('its metaspace is not known')
  const capMib = Math.ceil((CAP * metaspaceCommittedBytes) / MIB)
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: 'strong',
    summary: `Metaspace has come to ${mebibytes(metaspaceCommittedBytes)} and grows by ${mebibytes(metaspaceBytesPerHour)} an hour, with ${Math.round(classesPerHour)} more classes each.`,
    evidence: [
      evidence('metaspace', metaspaceCommittedBytes, 'By', 'hsperfdata sun.gc.metaspace.capacity'),
      evidence(
        'growth an hour',
        metaspaceBytesPerHour,
        'By/h',
        'hsperfdata sun.gc.metaspace.capacity',
        slopeSeconds,
      ),
      evidence(
        'more classes an hour',
        classesPerHour,
        '{class}/h',
        'hsperfdata java.cls.*',
        slopeSeconds,
      ),
    ],
    fix: `add -XX:MaxMetaspaceSize=${capMib}m, so that a leak ends in an error that names it; then look for class loaders that stay`,
    fixValues: { maxMetaspaceBytes: capMib * MIB },
  })
}
