/**
 * postgres.shared-buffers: the shared memory of PostgreSQL leaves its backends too little of the limit.
 *
 * Shared memory is shown as cache and yet cannot be dropped: it can only be swapped. Huge pages are not
 * charged to the limit, and are not counted here either.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'postgres.shared-buffers'
const { mostShare: MOST_SHARE, backend: BACKEND_BYTES } = thresholdsOf(RULE)
const MIB = 1024 ** 2
const FIX_SHARE = 0.25

export function judgeSharedBuffers(postgres: RuntimeProfile): Judgement {
  const limit = limitOf(postgres)
  if (limit === undefined) return FINE
  const shmem = postgres.cgroupMemory?.shmemBytes
  if (shmem === undefined) return notJudged('the shared memory of its cgroup is not known')
  const children = postgres.workers === undefined ? undefined : postgres.workers - 1
  const backends = (children ?? 0) * BACKEND_BYTES
  const large = shmem > MOST_SHARE * limit.bytes
  if (!large && children === undefined) return notJudged('how many backends it has is not known')
  if (!large && shmem + backends <= limit.bytes) return FINE
  const mebi = Math.floor((FIX_SHARE * limit.bytes) / MIB)
  const believed = evidence('shared memory', shmem, 'By', 'memory.stat shmem')
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const process = evidence('its processes', children ?? 0, '{process}', '/proc/PID/stat ppid')
  return finding({
    rule: RULE,
    severity: large ? 'high' : 'warning',
    confidence: large ? 'strong' : 'inferred',
    summary: large
      ? `Shared memory takes ${mebibytes(shmem)} of the ${mebibytes(limit.bytes)} that the kernel grants to ${limit.source}, and cannot be dropped.`
      : `Shared memory of ${mebibytes(shmem)} and ${children ?? 0} processes at work may come to more than the ${mebibytes(limit.bytes)} of ${limit.source}.`,
    believed,
    enforced,
    evidence: children === undefined ? [believed, enforced] : [believed, enforced, process],
    fix: large
      ? `set shared_buffers = ${mebi}MB`
      : `set shared_buffers = ${mebi}MB at most, and fewer max_connections behind a pooler`,
    fixValues: { sharedBuffersMib: mebi },
  })
}
