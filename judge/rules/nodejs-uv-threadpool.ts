/**
 * node.uv-threadpool: the pool of libuv, which does files, names and cryptography, has many more
 * threads than the quota has CPUs.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { stops } from './harm.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'node.uv-threadpool'
const { perCpu: FACTOR, default: DEFAULT_THREADS } = thresholdsOf(RULE)
/** libuv takes no more. */
const MOST_THREADS = 1024

export function judgeUvThreadpool(node: RuntimeProfile): Judgement {
  const granted = grantedCpus(node)
  if (node.cpuLimitCores === undefined || granted === undefined) return FINE
  if (node.environment === undefined) return notJudged('its environment could not be read')
  const set = node.environment['UV_THREADPOOL_SIZE'] ?? ''
  const threads = /^\d{1,6}$/.test(set) ? Math.min(Number(set), MOST_THREADS) : DEFAULT_THREADS
  if (threads <= FACTOR * granted.whole || threads <= DEFAULT_THREADS) return FINE
  const believed = evidence(
    'threads of the pool of libuv',
    threads,
    '{thread}',
    'UV_THREADPOOL_SIZE',
  )
  return finding({
    rule: RULE,
    severity: 'info',
    confidence: 'exact',
    summary: `The pool of libuv has ${threads} threads, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(node)],
    fix: `set UV_THREADPOOL_SIZE=${Math.max(DEFAULT_THREADS, granted.whole)}, unless its threads mostly wait for files`,
    fixValues: { uvThreadpoolSize: Math.max(DEFAULT_THREADS, granted.whole) },
  })
}
