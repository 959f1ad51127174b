/** Where a JVM and the kernel differ over CPU. */
import {
  bytes,
  collections,
  cpus,
  faultsPerSecond,
  type Grading,
  MIB,
  seconds,
  share,
  threads,
  times,
} from '../grading.ts'
import { shared } from './shared.ts'

export const jvmCpuGradings = {
  'jvm.cpu-count-exceeds-quota': {
    severities: {
      high: 'it believes in `highFactor` or more what the quota has',
      warning: 'it believes in more CPUs than the quota has, rounded up',
      info: 'the count was set by a flag, and less than `harmlessRatio` of the periods were stopped',
    },
    thresholds: {
      highFactor: times(2, 'the quota'),
      harmlessRatio: share(0.01, 'of the periods'),
      harmlessSeconds: seconds(300, 'of history for that'),
    },
  },
  'jvm.cpu-count-from-shares': {
    severities: {
      high: 'without a quota it makes a count of its shares that is no more than `allowedShare` of the CPUs that it may run on',
    },
    thresholds: {
      allowedShare: share(0.5, 'of the CPUs that it may run on: with more of them little is lost'),
    },
    unlike: 'Half of the CPUs counts too: on a machine of two, one is half.',
  },
  'jvm.cpu-quota-fraction': {
    severities: {
      warning:
        'the quota rounded up is `roundedFactor` or more of it, and more than `stoppedRatio` of the periods were stopped',
      info: 'the same below one CPU, where nothing can be set but the quota',
    },
    thresholds: {
      roundedFactor: times(1.5, 'the quota'),
      stoppedRatio: shared.stoppedRatio,
    },
  },
  'jvm.gc-threads-exceed-quota': {
    severities: {
      high: 'pauses are longer than `stretch` and more than `stoppedInPauses` of the periods were stopped; or the collector is Parallel',
      warning: 'any other collector',
      info: 'threads are made on demand, and few were seen',
    },
    thresholds: {
      excessFactor: times(1.5, 'the quota, rounded up: as many may collect without a finding'),
      excessThreads: threads(2, 'more than the quota, rounded up: fewer are no finding'),
      stretch: shared.stretch,
      stoppedInPauses: shared.stoppedInPauses,
    },
  },
  'jvm.parallelgc-small-quota': {
    severities: {
      warning:
        'below `smallCores` more threads collect than the quota has CPUs; or on no more than `oneCore` they take more than `gcShare`',
    },
    thresholds: {
      smallCores: cpus(2, 'of quota'),
      oneCore: cpus(1, 'of quota'),
      gcShare: shared.gcShare,
      gcSeconds: seconds(300, 'of history for that'),
      collectingCores: shared.collectingCores,
      smallHeap: shared.smallHeap,
    },
  },
  'jvm.serial-by-accident': {
    severities: {
      high: 'no flag asked for Serial, `cores` or more are granted, and the heap may grow to `heap` or more',
    },
    thresholds: {
      cores: cpus(2, 'granted'),
      heap: bytes(512 * MIB, 'of heap'),
    },
    unlike: 'From Java 27 on it says nothing: the default is G1 on every machine there.',
  },
  'jvm.gc-cpu-share': {
    severities: {
      high: 'collecting takes more than `highShare` of the CPU time, or more than `highShareOfQuota` of the quota',
      warning: 'it takes more than `share`',
    },
    thresholds: {
      share: share(0.1, 'of the CPU time of the process'),
      highShare: share(0.25, 'of the CPU time of the process'),
      highShareOfQuota: share(0.15, 'of the quota'),
      start: seconds(180, 'after its start that are left out'),
      liveShare: share(
        0.6,
        'of the heap, after a collection of all of it: with more a larger heap is advised, else a look at what allocates',
      ),
      collectingCores: shared.collectingCores,
    },
    unlike: 'A process that rests is left alone, however large the share of its little CPU time.',
  },
  'jvm.gc-thrash': {
    severities: {
      critical:
        'more than `fullShare` of the old generation live after a collection of all of it, and there were `fullCollections` or `stalls` in `per`, or collecting took more than `gcShare`',
      high: 'the same where not all flags are known, so that the size of the old generation is a guess',
    },
    thresholds: {
      fullShare: share(0.9, 'of the old generation'),
      fullCollections: collections(3, 'of the whole heap'),
      stalls: collections(3, 'that threads had to wait for'),
      per: seconds(300, 'in which they were'),
      gcShare: share(0.5, 'of the CPU time of the process'),
      collectingCores: shared.collectingCores,
    },
  },
  'jvm.throttled-during-gc': {
    severities: {
      high: 'pauses take more than `stretch`, more than `stoppedInPauses` of the periods were stopped, and it stood still for more than `stoppedShare` of the time',
    },
    thresholds: {
      stretch: shared.stretch,
      stoppedInPauses: shared.stoppedInPauses,
      stoppedShare: share(0.01, 'of the time in pauses: less is no trouble, however stretched'),
      faults: faultsPerSecond(10, 'that read from disk: more of them stretch pauses too'),
      diskShare: share(
        0.05,
        'of the time that all waited for a disk: more of it stretches them too',
      ),
      waitingShare: share(
        0.1,
        'of the time that tasks waited for a CPU, beyond what the quota explains: more of it, too',
      ),
      stolenShare: share(0.05, 'of the CPUs that the hypervisor kept: more of it, too'),
    },
    unlike:
      'Stretched pauses that are rare are no finding. Another cause that was seen is named beside it.',
  },
  'jvm.concurrent-gc-starved': {
    severities: {
      warning:
        'with less than `spareCores`, or no more of them than it may have threads beside the program, threads had to wait for the collector, or it takes more than `gcShare`',
    },
    thresholds: {
      spareCores: cpus(2, 'granted'),
      gcShare: share(0.2, 'of the CPU time of the process'),
      collectingCores: shared.collectingCores,
      smallHeap: shared.smallHeap,
    },
  },
  'jvm.startup-throttled': {
    severities: {
      warning:
        'in its first `start`, more than `stoppedRatio` of the periods were stopped and more than `jitShare` went into compiling',
      info: 'the same with less than `oneCore`',
    },
    thresholds: {
      start: seconds(180, 'after its start'),
      stoppedRatio: share(0.5, 'of the periods'),
      jitShare: share(0.2, 'of its CPU time: with less it is not the compiler that needs it'),
      oneCore: cpus(1, 'of quota'),
      told: seconds(3600, 'of age, until which what was seen of its start is told'),
    },
    unlike: 'A program that is stopped at its start for its own work is no finding.',
  },
  'jvm.old-version': {
    severities: {
      warning:
        'its build lacks what it takes to see a limit that is set here, and no flag makes up for it',
    },
    thresholds: {},
  },
  'jvm.interpreted-or-debug': {
    severities: { info: '-Xint or -Xrunjdwp was given' },
    thresholds: {},
  },
} as const satisfies Record<string, Grading>
