/**
 * jvm.thread-stacks: so many threads that their stacks, or their number, come near a limit.
 *
 * A stack is reserved and touched as far as it is used: what may be taken is told as info, what is
 * expected to be taken as a warning. Where the cgroup may have no more threads the JVM fails with
 * "unable to create native thread".
 */
import { stackBytes } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { withFlag } from './flag-fix.ts'
import { type Limit, limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes, percent } from './words.ts'

const RULE = 'jvm.thread-stacks'
const {
  pidsShare: PIDS_SHARE,
  manyThreads: MANY_THREADS,
  touched: TOUCHED_BYTES,
  touchedShare: TOUCHED_SHARE,
  reservedShare: RESERVED_SHARE,
} = thresholdsOf(RULE)
const KIB = 1024
const ADVISED_BYTES = 512 * KIB
const STACK_FLAG = /^-Xss\d|^-XX:ThreadStackSize=/

export function judgeThreadStacks(jvm: RuntimeProfile): Judgement {
  const { threadsInCgroup, threadsLimit, osThreads } = jvm
  if (
    threadsInCgroup !== undefined &&
    threadsLimit !== undefined &&
    threadsInCgroup > PIDS_SHARE * threadsLimit
  )
    return tooMany(jvm, threadsInCgroup, threadsLimit)
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  if (osThreads === undefined) return notJudged('its threads were not counted')
  const stack = stackBytes(jvm.flags ?? [])
  const touched = osThreads * Math.min(stack, TOUCHED_BYTES)
  if (osThreads > MANY_THREADS && touched > TOUCHED_SHARE * limit.bytes)
    return large(jvm, osThreads, stack, touched, limit)
  if (osThreads * stack > RESERVED_SHARE * limit.bytes)
    return large(jvm, osThreads, stack, undefined, limit)
  return FINE
}

function tooMany(jvm: RuntimeProfile, count: number, most: number): Judgement {
  const believed = evidence('threads in the cgroup', count, '{thread}', 'pids.current')
  const enforced = evidence(
    'most threads',
    most,
    '{thread}',
    `${jvm.cgroup ?? 'the cgroup'} pids.max`,
  )
  const wanted = 2 * count
  return finding({
    rule: RULE,
    severity: 'high',
    confidence: 'exact',
    summary: `${count} of ${most} threads that its cgroup may have are there: one that is refused ends in "unable to create native thread".`,
    believed,
    enforced,
    evidence: [believed, enforced],
    fix: `bound the pools of the program, or raise pids.max of ${jvm.cgroup ?? 'its cgroup'} to ${wanted}`,
    fixValues: { threadsLimit: wanted },
  })
}

function large(
  jvm: RuntimeProfile,
  count: number,
  stack: number,
  touched: number | undefined,
  limit: Limit,
): Judgement {
  const bytes = touched ?? count * stack
  const believed = evidence('stacks of threads', bytes, 'By', `${count} threads`)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const smaller = stack > ADVISED_BYTES
  return finding({
    rule: RULE,
    severity: touched === undefined ? 'info' : 'warning',
    confidence: touched === undefined ? 'exact' : 'inferred',
    summary: `${count} threads ${touched === undefined ? 'may take' : 'are expected to take'} ${mebibytes(bytes)} for their stacks, ${percent(bytes / limit.bytes)} of the limit.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence('threads', count, '{thread}', '/proc/PID/status Threads'),
      evidence('stack of a thread', stack, 'By', '-Xss'),
    ],
    fix: smaller
      ? `bound the pools of the program, or ${withFlag(jvm, STACK_FLAG, '-Xss512k')}`
      : 'bound the pools of the program',
    fixValues: smaller ? { stackBytes: ADVISED_BYTES } : {},
  })
}
