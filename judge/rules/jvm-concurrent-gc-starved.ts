/**
 * jvm.concurrent-gc-starved: a collector that works beside the program, with no CPU to work on.
 *
 * With less than two CPUs its thread and the program take turns. Where it falls behind, threads that
 * allocate have to wait for it, which is what such a collector is taken to avoid.
 */
import { numberOf } from '../ergonomics/jvm-flags.ts'
import { gcThreadsOf } from '../ergonomics/jvm-threads.ts'
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'
import { gcIsWorth, gcShare, type Granted, grantedCpus, leastSure, NO_CPUS } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { anyOf, COLLECTOR_FLAG, withFlag } from './flag-fix.ts'
import { watched } from './history.ts'
import { cpusNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, percent } from './words.ts'

const RULE = 'jvm.concurrent-gc-starved'
const {
  spareCores: SPARE_CORES,
  gcShare: GC_SHARE,
  smallHeap: SERIAL_HEAP_BYTES,
} = thresholdsOf(RULE)
const CONCURRENT: readonly (string | undefined)[] = ['ZGC', 'Shenandoah', 'G1', 'CMS']
/** These do all of their work beside the program; G1 and CMS only mark. */
const ALWAYS: readonly (string | undefined)[] = ['ZGC', 'Shenandoah']

export function judgeConcurrentGcStarved(jvm: RuntimeProfile): Judgement {
  const { collector } = jvm
  if (collector === undefined) return notJudged('its collector is not known')
  if (!CONCURRENT.includes(collector)) return FINE
  const granted = grantedCpus(jvm)
  if (granted === undefined) return notJudged(NO_CPUS)
  const threads = threadsBeside(jvm)
  const isFull = threads !== undefined && threads.value >= granted.whole
  if (granted.cores >= SPARE_CORES && !isFull) return FINE
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  const gc = gcShare(jvm)
  if (recent.allocationStalls === undefined && gc === undefined)
    return notJudged('neither its collections nor the CPU time of its collector were measured')
  const stalls = recent.allocationStalls ?? 0
  const busy = gc !== undefined && gc.value > GC_SHARE && gcIsWorth(recent)
  if (stalls === 0 && !busy) return FINE
  const waits = stallsOf(stalls, recent)
  const why =
    stalls > 0
      ? 'threads had to wait for it'
      : `it takes ${percent(gc?.value ?? 0)} of the CPU time of the JVM`
  return finding({
    rule: RULE,
    ...cpusNotFrom(jvm),
    severity: 'warning',
    confidence: leastSure(granted.confidence, 'exact'),
    summary: `${collector} works beside the program, with ${cores(granted.cores)} for both: ${why}.`,
    enforced: granted.evidence,
    evidence: [granted.evidence, waits, gc?.evidence, isFull ? threads : undefined].filter(
      (each) => each !== undefined,
    ),
    ...fixOf(jvm, granted),
  })
}

/** Threads that may collect while the program runs, where they are known. */
function threadsBeside({ finalFlags, flags = [] }: RuntimeProfile): Evidence | undefined {
  const final = Number(finalFlags?.['ConcGCThreads']?.value ?? Number.NaN)
  const value = final > 0 ? final : (numberOf(flags, 'ConcGCThreads') ?? 0)
  return value > 0
    ? evidence('threads that collect beside it', value, '{thread}', 'ConcGCThreads')
    : undefined
}

const stallsOf = (stalls: number, { seconds }: Recent) =>
  evidence(
    'collections that threads had to wait for',
    stalls,
    '{event}',
    'hsperfdata sun.gc.lastCause',
    Math.round(seconds),
  )

function fixOf(jvm: RuntimeProfile, granted: Granted): Fix {
  if (granted.cores >= SPARE_CORES) return fewer(jvm, granted)
  const small = (jvm.heapMaxBytes ?? Number.POSITIVE_INFINITY) < SERIAL_HEAP_BYTES
  const more = `or give it ${ALWAYS.includes(jvm.collector) ? 4 : SPARE_CORES} CPUs`
  if (granted.cores <= 1 && small)
    return { fix: `${withFlag(jvm, COLLECTOR_FLAG, '-XX:+UseSerialGC')}, ${more}`, fixValues: {} }
  if (jvm.collector !== 'G1')
    return { fix: `${withFlag(jvm, COLLECTOR_FLAG, '-XX:+UseG1GC')}, ${more}`, fixValues: {} }
  const one = withFlag(jvm, anyOf('ConcGCThreads'), '-XX:ConcGCThreads=1')
  return { fix: `${one}, ${more}`, fixValues: { concGcThreads: 1 } }
}

/** There are CPUs enough: its own count of them would make fewer threads. */
function fewer(jvm: RuntimeProfile, { whole }: Granted): Fix {
  const { collector = 'G1', heapMaxBytes = Number.POSITIVE_INFINITY } = jvm
  const { concurrent } = gcThreadsOf(collector, whole, heapMaxBytes)
  const flag = withFlag(jvm, anyOf('ConcGCThreads'), `-XX:ConcGCThreads=${concurrent}`)
  return {
    fix: `${flag}, or give it more CPUs than threads that collect`,
    fixValues: { concGcThreads: concurrent },
  }
}
