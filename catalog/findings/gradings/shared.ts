/** Thresholds that several rules go by. */
import { bytes, cpus, MIB, seconds, share, times, type Threshold } from '../grading.ts'

export const shared = {
  stoppedRatio: share(
    0.1,
    'of the periods in which anything ran: with more of them stopped the quota did stop someone',
  ),
  stretch: times(2, 'the CPU time in a pause: a longer one was made to wait'),
  stoppedInPauses: share(
    0.05,
    'of the periods: with more of them stopped it is the quota that did',
  ),
  collectingCores: cpus(
    0.02,
    'kept busy by the collector: below, it takes nothing away, whatever its share',
  ),
  youngSeconds: seconds(
    60,
    'of age: younger than that beside older ones it may be a tool that goes at once',
  ),
  calibratedSeconds: seconds(
    86_000,
    'of history, after which what was measured beside the heap counts where it is more than the model',
  ),
  smallHeap: bytes(2 * 1024 * MIB, 'of heap, below which Serial is advised for a quota of one CPU'),
  besideV8: bytes(64 * MIB, 'beside the heap of V8, for code, stacks and tables'),
  v8LimitShare: share(0.95, 'of the limit that the heap of V8 and what is beside it may come to'),
  unexplainedShare: share(
    0.15,
    'of the limit: with more than that beside the heap unexplained something else grows',
  ),
  heapSlack: times(
    1.1,
    'the heap that its flags make of the limit: up to there it was made of it, and aligned',
  ),
  gcShare: share(0.05, 'of the CPU time of the process that goes into collecting'),
} as const satisfies Record<string, Threshold>
