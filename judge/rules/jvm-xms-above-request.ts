/**
 * jvm.xms-above-request: the JVM takes more from its start than was set aside for it.
 *
 * A scheduler fills a machine by requests. Who takes more than its own is the first to be evicted, or
 * killed, when the machine is full.
 */
import { sizeAtStart } from '../ergonomics/jvm-heap.ts'
import { switchOf } from '../ergonomics/jvm-flags.ts'
import { memoryOf } from '../ergonomics/jvm-memory.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { expectedParts } from './jvm-need.ts'
import { requestFile } from './memory-files.ts'
import { jvmsOf } from './together.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.xms-above-request'
const MIB = 1024 ** 2

export function judgeXmsAboveRequest(jvm: RuntimeProfile): Judgement {
  const { memoryRequestBytes, flags, finalFlags } = jvm
  if (memoryRequestBytes === undefined || memoryRequestBytes === 0) return FINE
  if (flags === undefined) return notJudged('its flags could not be read')
  const start = sizeAtStart(flags)
  // What a JVM starts with by itself is a sixty-fourth of its memory.
  if (start === undefined) return FINE
  const { nonHeapBytes } = memoryOf(expectedParts(jvm), start)
  const needed = (start + nonHeapBytes) * jvmsOf(jvm)
  if (needed <= memoryRequestBytes) return FINE
  const touched =
    finalFlags?.['AlwaysPreTouch']?.value === 'true' || switchOf(flags, 'AlwaysPreTouch') === true
  const believed = evidence('heap at its start', start, 'By', '-Xms')
  const enforced = evidence(
    'memory request',
    memoryRequestBytes,
    'By',
    `${jvm.cgroup ?? 'the cgroup'} ${requestFile(jvm)}`,
  )
  const wanted = Math.ceil(needed / MIB) * MIB
  return finding({
    rule: RULE,
    severity: touched ? 'warning' : 'info',
    confidence: 'strong',
    summary: `The JVM starts with ${mebibytes(start)} of heap${touched ? ', all of it touched,' : ''} and needs ${mebibytes(needed)} with what is beside it; ${mebibytes(memoryRequestBytes)} were requested.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence(
        'expected beside the heap',
        Math.round(nonHeapBytes),
        'By',
        'model of what a JVM needs',
      ),
    ],
    fix: `request ${mebibytes(wanted)} or more, or start with a smaller heap`,
    fixValues: { memoryRequestBytes: wanted },
  })
}
