/**
 * node.heap-too-small: Node.js stands at the default of its heap while half of the limit lies idle.
 *
 * Since it sees the limit it takes half of it, and aborts with `Ineffective mark-compacts near heap
 * limit` where a version before, which took half of the machine, went on.
 */
import { isHeapSet, nodeHeap, nodeMajor, seenMemory, youngBytes } from '../ergonomics/nodejs.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { limitOf } from './limit.ts'
import { heapFix, processesIn } from './nodejs-heap.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'node.heap-too-small'
const { halfShare: HALF_SHARE, nearShare: NEAR_SHARE, takenShare: TAKEN_SHARE } = thresholdsOf(RULE)

export function judgeNodeHeapTooSmall(node: RuntimeProfile): Judgement {
  const limit = limitOf(node)
  const memory = seenMemory(node, nodeMajor(node.version) ?? 0)
  if (limit === undefined || isHeapSet(node)) return FINE
  const heap = nodeHeap(node)
  if (heap === undefined || memory === undefined)
    return notJudged('the maximum of its heap is not known: its settings or its version are not')
  if (node.rssAnonBytes === undefined) return notJudged('the memory of its own is not known')
  const share = limit.bytes / processesIn(node)
  if (heap.value >= HALF_SHARE * share || node.rssAnonBytes < NEAR_SHARE * heap.value) return FINE
  if (node.rssAnonBytes > TAKEN_SHARE * share) return FINE
  const believed = evidence('maximum of the heap', heap.value, 'By', heap.source)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    severity: 'info',
    confidence: 'inferred',
    summary: `Node.js has ${mebibytes(node.rssAnonBytes)} of its own and stops its heap at ${mebibytes(heap.value)}; the kernel grants ${mebibytes(limit.bytes)} to ${limit.source}.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence('memory of its own', node.rssAnonBytes, 'By', '/proc/PID/status RssAnon'),
    ],
    ...heapFix(node, limit, youngBytes(memory, nodeMajor(node.version) ?? 0)),
  })
}
