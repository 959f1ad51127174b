/**
 * node.heap-exceeds-limit: V8 may grow its heap to more than the kernel grants.
 *
 * V8 collects when its heap is full, not when the cgroup is: before it would, the kernel kills the
 * process (exit 137). With 256 MiB or less even the default is above the limit.
 */
import { nodeHeap, nodeMajor, seenMemory, youngBytes } from '../ergonomics/nodejs.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { leastSure } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { limitOf } from './limit.ts'
import { heapFix } from './nodejs-heap.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'node.heap-exceeds-limit'
const {
  grownShare: GROWN_SHARE,
  besideV8: BESIDE_BYTES,
  v8LimitShare: LIMIT_SHARE,
} = thresholdsOf(RULE)

export function judgeNodeHeap(node: RuntimeProfile): Judgement {
  const limit = limitOf(node)
  if (limit === undefined) return FINE
  const heap = nodeHeap(node)
  if (heap === undefined)
    return notJudged('the maximum of its heap is not known: its settings or its version are not')
  if (heap.value + BESIDE_BYTES <= LIMIT_SHARE * limit.bytes) return FINE
  const { rssAnonBytes } = node
  const grows = rssAnonBytes !== undefined && rssAnonBytes > GROWN_SHARE * limit.bytes
  const isCertain = heap.value >= limit.bytes && grows && heap.confidence !== 'inferred'
  const believed = evidence('maximum of the heap', heap.value, 'By', heap.source)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const major = nodeMajor(node.version) ?? 0
  const memory = seenMemory(node, major)
  return finding({
    rule: RULE,
    severity: isCertain ? 'critical' : 'high',
    confidence: leastSure(heap.confidence),
    summary: `Node.js may grow its heap to ${mebibytes(heap.value)}, the kernel stops ${limit.source} at ${mebibytes(limit.bytes)}.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence('expected beside the heap', BESIDE_BYTES, 'By', 'model; buffers come on top'),
    ],
    ...heapFix(node, limit, memory === undefined ? 0 : youngBytes(memory, major)),
  })
}
