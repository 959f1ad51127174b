/**
 * jvm.malloc-arenas: malloc of glibc makes arenas for the CPUs of the machine, and what is freed stays in
 * them.
 *
 * An arena is reserved, not used: only memory beside the heap that nothing else explains makes it a
 * finding.
 */
import { CUT } from '../../catalog/entity.ts'
import { mallocArenas } from '../ergonomics/jvm-threads.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, NO_CPUS } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { unexplained, WHOSE_UNKNOWN } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { heldByOthers, jvmsOf } from './together.ts'
import { cores, mebibytes } from './words.ts'

const RULE = 'jvm.malloc-arenas'
const {
  manyCpus: MANY_CPUS,
  cpusPerGranted: CPUS_PER_GRANTED,
  arenasPerGranted: ARENAS_PER_GRANTED,
  unexplainedShare: UNEXPLAINED_SHARE,
} = thresholdsOf(RULE)
const ADVISED = 2

export function judgeMallocArenas(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { machineCpus, otherAllocator, environment, mallocArenas: seen } = jvm
  const granted = grantedCpus(jvm)
  if (machineCpus === undefined || granted === undefined) return notJudged(NO_CPUS)
  if (machineCpus < MANY_CPUS) return FINE
  if (otherAllocator !== undefined || environment?.['MALLOC_ARENA_MAX'] !== undefined) return FINE
  if (machineCpus < CPUS_PER_GRANTED * granted.cores) return FINE
  if (environment === undefined || CUT in environment)
    return notJudged('not all of its environment could be read')
  if (seen === undefined) return notJudged('its arenas were not counted')
  if (seen < ARENAS_PER_GRANTED * granted.cores) return FINE
  if (jvmsOf(jvm) > 1 || heldByOthers(jvm) === undefined) return notJudged(WHOSE_UNKNOWN)
  const rest = unexplained(jvm)
  if (rest === undefined) return notJudged('the memory of its cgroup was not measured')
  if (rest <= UNEXPLAINED_SHARE * limit.bytes) return FINE
  const believed = evidence('arenas that malloc has made', seen, '{arena}', '/proc/PID/maps')
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: 'inferred',
    summary: `malloc has made ${seen} arenas and may make ${mallocArenas(machineCpus)}, for ${cores(machineCpus)} of which ${cores(granted.cores)} are granted; ${mebibytes(rest)} beside the heap are not explained by anything else.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      granted.evidence,
      evidence(
        'unexplained beside the heap',
        Math.round(rest),
        'By',
        'memory.stat anon and shmem less the parts of the model',
        jvm.longRun?.seconds ?? 0,
      ),
    ],
    fix: `set MALLOC_ARENA_MAX=${ADVISED} in its environment, or load jemalloc`,
    fixValues: { mallocArenaMax: ADVISED },
  })
}
