/**
 * jvm.gc-thrash: the heap is full of what lives, and the JVM collects it over and over.
 *
 * What comes next is an OutOfMemoryError. Only Parallel gives up by itself after a while; the other
 * collectors may go on like that for hours.
 */
import { oldMaxBytes } from '../ergonomics/jvm-generations.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'
import { gcIsWorth, gcShare, share } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { watched } from './history.ts'
import { largerHeap } from './larger-heap.ts'
import { thresholdsOf } from './thresholds.ts'
import { percent } from './words.ts'

const RULE = 'jvm.gc-thrash'
const {
  fullShare: FULL_SHARE,
  fullCollections: FULL_COLLECTIONS,
  per: PER_SECONDS,
  stalls: STALLS,
  gcShare: GC_SHARE,
} = thresholdsOf(RULE)

export function judgeGcThrash(jvm: RuntimeProfile): Judgement {
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  const { heapLiveBytes, heapMaxBytes } = jvm
  const sign = signOf(jvm, recent)
  if (sign === 'unknown')
    return notJudged('neither its collections nor the CPU time of its collector were measured')
  if (sign === undefined) return FINE
  if (heapLiveBytes === undefined || heapMaxBytes === undefined)
    return notJudged('what of the heap lives is not known: no collection of all of it was seen')
  const room = oldMaxBytes(jvm.collector, heapMaxBytes, jvm.flags ?? [])
  const full = share(
    'part that lives after a collection',
    heapLiveBytes,
    room,
    recent,
    'hsperfdata sun.gc.generation.1.space.0.used',
  )
  if (full.value <= FULL_SHARE) return FINE
  if ((recent.explicitCollections ?? 0) > 0)
    return notJudged('the program asks for collections itself, by System.gc()')
  const sure = flagsAreWhole(jvm) || room === heapMaxBytes
  return finding({
    rule: RULE,
    // How the heap is divided can only be guessed where flags are hidden.
    severity: sure ? 'critical' : 'high',
    confidence: sure ? 'exact' : 'inferred',
    summary: `The heap is full: ${percent(full.value)} live after a collection of all of it, and ${sign.words}.`,
    evidence: [full.evidence, sign.evidence],
    ...fixOf(jvm, heapLiveBytes),
  })
}

/** What tells that it collects without end; `unknown` where none of it was measured. */
function signOf(jvm: RuntimeProfile, recent: Recent) {
  const { fullCollections, allocationStalls, seconds } = recent
  const gc = gcShare(jvm)
  if (fullCollections === undefined && allocationStalls === undefined && gc === undefined)
    return 'unknown'
  if ((fullCollections ?? 0) * PER_SECONDS >= FULL_COLLECTIONS * seconds)
    return counted('full collections', fullCollections ?? 0, recent)
  if ((allocationStalls ?? 0) * PER_SECONDS >= STALLS * seconds)
    return counted('collections that threads had to wait for', allocationStalls ?? 0, recent)
  if (gc !== undefined && gc.value > GC_SHARE && gcIsWorth(recent))
    return {
      words: `collecting takes ${percent(gc.value)} of the CPU time`,
      evidence: gc.evidence,
    }
  return undefined
}

const counted = (name: string, count: number, { seconds }: Recent) => ({
  words: `there were ${count} ${name} in ${Math.round(seconds)} s`,
  evidence: evidence(name, count, '{collection}', 'hsperfdata', Math.round(seconds)),
})

function fixOf(jvm: RuntimeProfile, heapLiveBytes: number): Fix {
  const { fix, fixValues } = largerHeap(jvm, heapLiveBytes)
  const dump = `jcmd ${jvm.entity['process.pid']} GC.heap_dump /tmp/heap.hprof`
  return { fix: `${fix}; if it should need less, see what lives (${dump})`, fixValues }
}
