/** Where a JVM may come to more than its memory limit, or does not see it. */
import { type Grading, GIB, MIB, bytes, seconds, share, times } from '../grading.ts'
import { shared } from './shared.ts'

export const jvmLimitGradings = {
  'jvm.container-support-off': {
    severities: {
      critical: 'its heap is sized by the machine, and its library, a flag or the heap proves it',
      high: 'the heap is fixed by a flag and the count of CPUs is not, or the version alone tells',
      info: 'flags fix both',
    },
    thresholds: {
      slack: share(
        0.1,
        'of the heap that its flags would make of the machine or of the limit: within it, that is what it was sized by',
      ),
    },
    unlike:
      'Where the heap shows that the limit was seen nothing is said, whatever version or library say.',
  },
  'jvm.limit-on-ancestor': {
    severities: {
      high: 'the heap is above `heapShare` of the limit that holds, or it counts more CPUs than the quota that holds has',
    },
    thresholds: {
      heapShare: share(0.8, 'of the limit: a heap that stays below does no harm'),
      seenFactor: shared.heapSlack,
    },
  },
  'jvm.limit-changed-after-start': {
    severities: {
      high: 'the limit shrank below what it may come to',
      info: 'the limit grew by `growth` and the heap would follow after a restart',
    },
    thresholds: {
      growth: times(1.5, 'the limit at its start'),
      slack: shared.heapSlack,
    },
    unlike: 'A limit that shrank and still holds all of it is no finding.',
  },
  'jvm.heap-exceeds-limit': {
    severities: {
      critical: 'the heap may grow to the limit or beyond',
      high: 'it may grow beyond `highShare` of the limit; or to the limit, where the kernel swaps first',
    },
    thresholds: { highShare: share(0.95, 'of the limit') },
    unlike: 'Epsilon, which never collects, is not judged.',
  },
  'jvm.heap-plus-nonheap-exceeds-limit': {
    severities: {
      critical:
        'heap and what is beside it are more than the limit, by figures of this JVM or a day of them',
      high: 'the same by the model alone, or where the kernel swaps first; or more than `highShare` of the limit',
      info: 'more than `nearShare` of the limit are expected, and its flags allow more than all of it',
    },
    thresholds: {
      highShare: share(0.97, 'of the limit, all that it is expected to come to'),
      nearShare: share(0.85, 'of the limit, all that it is expected to come to'),
      calibratedSeconds: shared.calibratedSeconds,
    },
    unlike:
      'The flags of almost every JVM allow more than its limit. That alone is told only where more than `nearShare` is expected to be taken.',
  },
  'jvm.limit-with-swap-hides-oom': {
    severities: { info: 'it may come to more than its limit, and the kernel may swap' },
    thresholds: {},
  },
  'jvm.heap-small-share': {
    severities: {
      warning:
        'the heap is below `heapShare` of the limit by no flag, no more than `usedShare` of it is used, and it collects for more than `gcShare` or more than `liveShare` of the heap live',
    },
    thresholds: {
      heapShare: share(0.35, 'of the limit'),
      usedShare: share(0.6, 'of the limit, 99th percentile: who uses more has no room to give'),
      gcShare: shared.gcShare,
      collectingCores: shared.collectingCores,
      liveShare: share(0.7, 'of the heap, after a collection of all of it'),
      cacheShare: share(
        0.3,
        'of the limit in files that are read again and again: who has more of them needs the rest for them',
      ),
    },
    unlike:
      'A small heap that is calm is no finding, not even as info: the rest may be left to others.',
  },
  'jvm.xms-above-request': {
    severities: {
      warning:
        'heap at the start and what is beside it are more than the request, and it touches all of it',
      info: 'the same without AlwaysPreTouch: pages come when they are used',
    },
    thresholds: {},
    unlike:
      'Without a request it says nothing, and neither where no flag sets the heap at the start.',
  },
  'jvm.compressed-oops-cliff': {
    severities: {
      warning: 'references take 8 bytes, and the heap is below `worthFrom`',
    },
    thresholds: {
      worthFrom: bytes(
        48 * GIB,
        'of heap, where objects are aligned by 8 bytes: from there on it holds more than below the cliff',
      ),
      below: bytes(31 * GIB, 'of heap that is advised, below the cliff of every collector'),
    },
    unlike:
      'The cliff depends on the collector, is twice as high where objects are aligned by 16 bytes, and ZGC has none.',
  },
  'jvm.oversized-heap': {
    severities: {
      info: 'it holds more than `held` and `heldPerLive` what lives, and collects for less than `gcShare`',
    },
    thresholds: {
      heldPerLive: times(4, 'what lives in the heap, 99th percentile of a day'),
      held: bytes(1024 * MIB, 'of heap that it holds'),
      gcShare: share(0.01, 'of the CPU time of the process that goes into collecting'),
      onPurposeShare: share(0.9, 'of the maximum: who starts with so much wants it so'),
    },
    unlike: 'A heap that starts at its maximum is left alone.',
  },
  'jvm.memory-high-below-need': {
    severities: {
      high: 'all that it may come to is above memory.high; or it went over it and all of it stood still for more than `stalledShare` of the time',
    },
    thresholds: {
      stalledShare: share(0.05, 'of the time that all tasks stood still for lack of memory'),
      stalledSeconds: seconds(300, 'of history for that'),
      ownShare: share(
        0.5,
        'of memory.high: with less of its own it is pages of files that are over',
      ),
    },
  },
} as const satisfies Record<string, Grading>
