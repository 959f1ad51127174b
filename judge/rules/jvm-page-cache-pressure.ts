/**
 * jvm.page-cache-pressure: pages of files that the JVM reads and writes fill its limit, and reclaiming
 * them hurts.
 *
 * A cgroup whose limit is full of clean pages is well: the kernel gives them back when they are wanted.
 * So use near the limit alone says nothing, and neither do pages that are looked at to make room: a
 * program that reads a large file once makes room as fast as it reads. It hurts when tasks wait for
 * memory, or when pages that were dropped are read again at once. Shared memory, such as a heap of ZGC,
 * is counted with files but cannot be dropped.
 */
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { CgroupMemory, Recent, RuntimeProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { watched } from './history.ts'
import { needOf } from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { hasMemoryHigh } from './memory-files.ts'
import { heapNotFrom } from './not-from.ts'
import { mebibytes, percent } from './words.ts'
import { thresholdsOf } from './thresholds.ts'

const RULE = 'jvm.page-cache-pressure'
const {
  ownShare: OWN_SHARE,
  fullShare: FULL_SHARE,
  waitingShare: WAITING_SHARE,
  refaulted: REFAULTED_BYTES_PER_SECOND,
  dirtyShare: DIRTY_SHARE,
  ownLargeShare: OWN_LARGE_SHARE,
} = thresholdsOf(RULE)
const PAGE_BYTES = 4096
const HIGH_SHARE = 0.9

export function judgePageCache(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const memory = jvm.cgroupMemory
  if (memory === undefined) return notJudged('the memory of its cgroup was not measured')
  const { usageBytes, anonBytes, cacheBytes, shmemBytes = 0, kernelBytes = 0 } = memory
  if (usageBytes === undefined || anonBytes === undefined || cacheBytes === undefined)
    return notJudged('the memory of its cgroup was not measured')
  const own = anonBytes + shmemBytes + kernelBytes
  const files = cacheBytes - shmemBytes
  if (own >= OWN_SHARE * limit.bytes || usageBytes <= FULL_SHARE * limit.bytes) return FINE
  const seen = watched(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const pains = painsOf(seen.recent)
  if (pains === undefined)
    return notJudged('neither waiting for memory nor what is read again was measured')
  const [first] = pains
  if (first === undefined) return FINE
  const held = evidence('pages of files', files, 'By', 'memory.stat file less shmem')
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: 'high',
    confidence: 'exact',
    summary: `${mebibytes(files)} of files fill the limit of ${mebibytes(limit.bytes)} beside ${mebibytes(own)} of its own, and ${first.says}${mayKill(memory, own, limit) ? '; a burst of writes may have it killed' : ''}.`,
    enforced,
    evidence: [
      held,
      evidence('memory that cannot be dropped', own, 'By', 'memory.stat anon, shmem, kernel'),
      enforced,
      ...pains.map(({ figure }) => figure),
      ...scannedOf(seen.recent),
    ],
    ...fixOf(jvm, limit),
  })
}

interface Pain {
  readonly says: string
  readonly figure: Evidence
}

/** Undefined where nothing was measured that could tell. */
function painsOf(recent: Recent): readonly Pain[] | undefined {
  const { memorySomeSeconds, refaultedFilePages, seconds } = recent
  if ((memorySomeSeconds ?? refaultedFilePages) === undefined) return undefined
  const waiting = (memorySomeSeconds ?? 0) / seconds
  const refaulted = ((refaultedFilePages ?? 0) * PAGE_BYTES) / seconds
  return [
    ...(waiting > WAITING_SHARE
      ? [
          {
            says: `tasks waited for memory in ${percent(waiting)} of the time`,
            figure: evidence(
              'time that tasks waited',
              waiting,
              '1',
              'memory.pressure some',
              seconds,
            ),
          },
        ]
      : []),
    ...(refaulted > REFAULTED_BYTES_PER_SECOND
      ? [
          {
            says: `${mebibytes(refaulted)} a second are read again that were dropped before`,
            figure: evidence(
              'read again',
              refaulted,
              'By/s',
              'memory.stat workingset_refault_file',
              seconds,
            ),
          },
        ]
      : []),
  ]
}

/** How hard the kernel looks for room. */
const scannedOf = ({ scannedPages, seconds }: Recent): readonly Evidence[] =>
  scannedPages === undefined
    ? []
    : [
        evidence(
          'pages looked at',
          scannedPages / seconds,
          '{page}/s',
          'memory.stat pgscan',
          seconds,
        ),
      ]

function mayKill(memory: CgroupMemory, own: number, limit: Limit): boolean {
  const unwritten = (memory.dirtyBytes ?? 0) + (memory.writebackBytes ?? 0)
  return unwritten > DIRTY_SHARE * limit.bytes || own > OWN_LARGE_SHARE * limit.bytes
}

function fixOf(jvm: RuntimeProfile, limit: Limit): Fix {
  const less = /spark/i.test(jvm.main ?? '')
    ? 'lower the heap of the executor, or raise spark.executor.memoryOverheadFactor'
    : 'lower the heap, so that more is left for files'
  const memoryHighBytes = Math.floor(HIGH_SHARE * limit.bytes)
  // Where the JVM itself may come to more, it would be slowed down there instead.
  const need = needOf(jvm, jvm.heapMaxBytes ?? Number.POSITIVE_INFINITY)
  const fits = need !== undefined && need.totalBytes <= memoryHighBytes
  if (!fits || !hasMemoryHigh(jvm)) return { fix: less, fixValues: {} }
  return {
    fix: `${less}; set memory.high of ${jvm.cgroup ?? 'its cgroup'} to ${mebibytes(memoryHighBytes)}, so that reclaim starts before the limit`,
    fixValues: { memoryHighBytes },
  }
}
