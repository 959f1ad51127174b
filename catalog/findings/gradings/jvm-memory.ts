/** What a JVM has in memory beside its heap, and what becomes of it. */
import {
  bytes,
  bytesPerHour,
  bytesPerSecond,
  classesPerHour,
  cpus,
  faultsPerSecond,
  type Grading,
  MIB,
  seconds,
  share,
  sharePerHour,
  threads,
  times,
} from '../grading.ts'
import { shared } from './shared.ts'

export const jvmMemoryGradings = {
  'jvm.swap': {
    severities: {
      high: 'more than `swapped` are in swap and more than `faults` read from disk; or more than `swappedShare` of the heap with more than `fewFaults`, while it stood still for more than `stoppedShare` of the time',
    },
    thresholds: {
      swapped: bytes(64 * MIB, 'of the process, or of its cgroup, in swap'),
      faults: faultsPerSecond(10, 'that had to read from disk'),
      swappedShare: share(0.05, 'of the maximum of the heap, where pauses tell of it as well'),
      stoppedShare: share(0.1, 'of the time at safepoints'),
      fewFaults: faultsPerSecond(1, 'that had to read from disk, where pauses tell of it as well'),
    },
    unlike: 'What rests in swap and is not read is no finding, however much it is.',
  },
  'jvm.page-cache-pressure': {
    severities: {
      high: 'more than `fullShare` of the limit is used, less than `ownShare` by what cannot be dropped, and tasks wait for more than `waitingShare` of the time or more than `refaulted` is read again',
    },
    thresholds: {
      ownShare: share(0.9, 'of the limit, in memory that cannot be dropped'),
      fullShare: share(0.95, 'of the limit'),
      waitingShare: share(0.1, 'of the time that some task waited for memory'),
      refaulted: bytesPerSecond(20 * MIB, 'of files that were dropped and are read again'),
      dirtyShare: share(
        0.15,
        'of the limit in unwritten pages: more of them, and it may be killed',
      ),
      ownLargeShare: share(
        0.85,
        'of the limit in memory that cannot be dropped: with more of it, it may be killed',
      ),
    },
    unlike:
      'A limit that is full of clean pages is well, and so is one where pages are only looked at to make room. Shared memory, such as the heap of ZGC, counts as its own.',
  },
  'jvm.direct-memory-unbounded': {
    severities: {
      high: 'direct memory has no bound, a second heap would not fit, and what nothing explains is more than `unexplainedShare` of the limit or grows by more than `growth`, in a program that keeps buffers (Netty, Kafka, Spark, Cassandra)',
      warning: 'the same in any other program',
    },
    thresholds: {
      unexplainedShare: shared.unexplainedShare,
      growth: sharePerHour(0.05, 'of what is beside the heap'),
    },
    unlike: 'That there is no bound is no finding by itself: that is the default.',
  },
  'jvm.metaspace-growth': {
    severities: {
      warning:
        'metaspace without a bound grows by more than `growth`, classes by `classes` or more, after a warm-up of `warm`',
    },
    thresholds: {
      growth: bytesPerHour(10 * MIB, 'of metaspace'),
      classes: classesPerHour(10, 'more than there were: a slope is never quite 0'),
      warm: seconds(3600, 'after its start that are no leak'),
    },
    unlike: 'Growth with hardly any new classes is no finding, nor is growth in the first hour.',
  },
  'jvm.thread-stacks': {
    severities: {
      high: 'more than `pidsShare` of the threads that its cgroup may have are there',
      warning:
        'more than `manyThreads`, of which each touches `touched` of its stack, come to more than `touchedShare` of the limit',
      info: 'all stacks together may take more than `reservedShare` of the limit',
    },
    thresholds: {
      pidsShare: share(0.9, 'of pids.max'),
      manyThreads: threads(1000, 'of the process'),
      touched: bytes(128 * 1024, 'of a stack that a thread is expected to touch'),
      touchedShare: share(0.1, 'of the limit'),
      reservedShare: share(0.3, 'of the limit'),
    },
  },
  'jvm.malloc-arenas': {
    severities: {
      warning:
        'on a machine of `manyCpus` or more, and `cpusPerGranted` as many as are granted, malloc made `arenasPerGranted` as many arenas, and what nothing explains is more than `unexplainedShare` of the limit',
    },
    thresholds: {
      manyCpus: cpus(16, 'of the machine'),
      cpusPerGranted: times(4, 'the CPUs that are granted'),
      arenasPerGranted: times(2, 'the CPUs that are granted'),
      unexplainedShare: shared.unexplainedShare,
    },
    unlike:
      'Arenas reserve address space alone: without memory that nothing explains they are no finding.',
  },
  'jvm.hsperf-on-disk': {
    severities: {
      warning:
        'all waited for a disk for more than `diskShare` of the time, and for more than `stoppedShare` of it it stood still without a collection, or in pauses that took more than `stretch`',
      info: 'the counters are on a disk, in a process with a limit',
    },
    thresholds: {
      diskShare: share(0.05, 'of the time that all tasks of its cgroup waited for a disk'),
      stoppedShare: share(
        0.01,
        'of the time at safepoints that no collection explains, or in pauses that are stretched',
      ),
      stretch: shared.stretch,
      throttledShare: share(
        0.01,
        'of the periods: with more of them stopped the quota explains it',
      ),
      watched: seconds(300, 'of history for that'),
    },
    unlike:
      'A busy disk alone is no evidence: the cgroup itself must have waited for it. Of a process without any limit it is told only where it does harm.',
  },
} as const satisfies Record<string, Grading>
