/** Where a JVM and the kernel differ over CPU. */
import type { FindingRule } from '../finding.ts'

/** What makes a JVM blind to its limits. */
const BLIND = ['jvm.container-support-off', 'jvm.limit-on-ancestor', 'jvm.old-version'] as const
/** Heap and collector stay at what the memory limit once was; how CPUs are counted does not. */
const SIZED = [...BLIND, 'jvm.limit-changed-after-start'] as const

const runtime = { entity: 'runtime', raiseAfter: 2, clearAfter: 3, since: '0.1' } as const
/** Judged by what is set: no load is needed. */
const setting = { ...runtime, minHistorySeconds: 0 } as const
/** Judged by what was seen. */
const behaviour = { ...runtime, minHistorySeconds: 300 } as const

export const jvmCpuFindings = {
  'jvm.cpu-count-exceeds-quota': {
    id: 'jvm.cpu-count-exceeds-quota',
    ...setting,
    title: 'The JVM counts more CPUs than its quota has',
    meaning:
      'Threads that collect and compile, the common pool and event loops are made by the count of CPUs that the JVM believes in. Together they spend the quota at the start of each period, and then all of them stand still until the next.',
    falseWhen:
      'The program mostly waits for others and the count was set on purpose: told as info where it was hardly ever stopped.',
    explainedBy: BLIND,
  },
  'jvm.cpu-count-from-shares': {
    id: 'jvm.cpu-count-from-shares',
    ...setting,
    title: 'The JVM takes its CPU shares for a limit',
    meaning:
      'No quota keeps it from the CPUs that nobody else wants, but this version makes a count of CPUs of its shares (a request in Kubernetes): one thread collects, and the common pool has one, on however large a machine. JDK 8 does so to this day.',
    falseWhen:
      'All others on the machine are as busy, so that its share is all that it gets. A share of 1024, or a weight of 100, counts as not set.',
  },
  'jvm.cpu-quota-fraction': {
    id: 'jvm.cpu-quota-fraction',
    ...behaviour,
    title: 'The quota lies between two whole CPUs',
    meaning:
      'A JVM rounds its quota up to whole CPUs, sizes its threads for those and is stopped before the period is over.',
    falseWhen: 'The quota is below one CPU on purpose, and being slow is no harm.',
  },
  'jvm.gc-threads-exceed-quota': {
    id: 'jvm.gc-threads-exceed-quota',
    ...setting,
    title: 'More threads collect at once than the quota can run',
    meaning:
      'A pause ends when the last worker of the collector is done. Workers that the quota cannot run at once wait for each other, and the pause lasts until the next period or the one after.',
    falseWhen:
      'The heap is small and the workers are made on demand (the default since 11): told as info while few of them were seen.',
    explainedBy: [...BLIND, 'jvm.cpu-count-exceeds-quota'],
  },
  'jvm.parallelgc-small-quota': {
    id: 'jvm.parallelgc-small-quota',
    ...setting,
    title: 'ParallelGC in less than two CPUs',
    meaning:
      'Workers of this collector spin while they look for work of each other. In a small quota that burns the time the others need; Serial does the same work with less CPU time and shorter pauses.',
    falseWhen: 'A batch job that nobody waits for. JDK 8 takes Parallel by itself.',
    explainedBy: [...BLIND, 'jvm.cpu-count-exceeds-quota'],
  },
  'jvm.serial-by-accident': {
    id: 'jvm.serial-by-accident',
    ...setting,
    title: 'One thread collects, though there are several CPUs',
    meaning:
      'Without a flag, a JVM takes Serial where it sees less than 2 CPUs or less than 1792 MiB. With several CPUs at hand that costs about a third of the throughput and makes the longest pauses several times longer.',
    falseWhen: 'A program that hardly makes garbage, or one of which memory matters most.',
    explainedBy: [...SIZED, 'jvm.cpu-count-from-shares'],
  },
  'jvm.gc-cpu-share': {
    id: 'jvm.gc-cpu-share',
    ...behaviour,
    minHistorySeconds: 540,
    title: 'The collector takes a good part of the CPU time',
    meaning:
      'CPU time that is paid for goes into collecting garbage: the heap is too small for what lives in it, or it is filled too fast. Taken from the threads, so that collectors that hardly pause are seen too.',
    falseWhen:
      'A phase of a batch, or calls of System.gc(). The start of a program is left out, and so is one that rests.',
    explainedBy: [
      ...SIZED,
      'jvm.heap-small-share',
      'jvm.cpu-count-exceeds-quota',
      'jvm.cpu-count-from-shares',
      'jvm.gc-threads-exceed-quota',
      'jvm.parallelgc-small-quota',
      'jvm.serial-by-accident',
      'jvm.concurrent-gc-starved',
      'jvm.gc-thrash',
    ],
  },
  'jvm.gc-thrash': {
    id: 'jvm.gc-thrash',
    ...behaviour,
    title: 'The heap is full, and is collected over and over',
    meaning:
      'After a collection of the whole heap more than nine tenths of it still live, and the next one follows at once. An OutOfMemoryError is near; only ParallelGC gives up by itself after a while.',
    falseWhen:
      'Caches of soft references, which fill any heap and give way only then. After a call of System.gc() it is not judged.',
    explainedBy: ['jvm.limit-changed-after-start', 'jvm.heap-small-share'],
  },
  'jvm.throttled-during-gc': {
    id: 'jvm.throttled-during-gc',
    ...behaviour,
    title: 'The quota stops the collector in the middle of a pause',
    meaning:
      'Pauses take several times longer than the CPU time in them: the kernel stops the workers until the next period, and all of the program waits with them.',
    falseWhen:
      'The machine itself is short of CPU (steal, or many others), or pages of the heap come from disk or swap: where that was seen it is named.',
    explainedBy: [
      ...BLIND,
      'jvm.cpu-count-exceeds-quota',
      'jvm.gc-threads-exceed-quota',
      'jvm.parallelgc-small-quota',
      'jvm.concurrent-gc-starved',
      'jvm.cpu-quota-fraction',
    ],
  },
  'jvm.concurrent-gc-starved': {
    id: 'jvm.concurrent-gc-starved',
    ...behaviour,
    title: 'A concurrent collector without a CPU to work on',
    meaning:
      'ZGC, Shenandoah and G1 collect beside the program and need a CPU for it. With less than two they take that of the program, fall behind, and threads that allocate have to wait.',
    falseWhen: 'An idle service, or a quota that is often exceeded by bursts.',
    explainedBy: [...BLIND, 'jvm.cpu-count-exceeds-quota'],
  },
  'jvm.startup-throttled': {
    id: 'jvm.startup-throttled',
    ...behaviour,
    minHistorySeconds: 60,
    title: 'Stopped for most of its start',
    meaning:
      'In its first minutes a JVM compiles, with threads made by the CPUs that it believes in. The quota stopped it in more than half of the periods: it is ready late, and probes may end it before. What was seen of the start stays said for an hour.',
    falseWhen: 'A quota below one CPU, where a slow start is what was asked for: told as info.',
    explainedBy: [...BLIND, 'jvm.cpu-count-exceeds-quota'],
  },
  'jvm.old-version': {
    id: 'jvm.old-version',
    ...setting,
    title: 'This build of Java cannot see the limits of this machine',
    meaning:
      'Its library lacks what it takes to find the limits that this kernel sets: it sizes itself by the whole machine, without a warning. Told by literals in the library, since distributions backport.',
    falseWhen:
      'Its flags fix the heap and the CPUs: then nothing is said. Where the library could not be looked at, the version alone decides, and that is told as inferred.',
    explainedBy: ['jvm.container-support-off', 'jvm.limit-on-ancestor'],
  },
  'jvm.interpreted-or-debug': {
    id: 'jvm.interpreted-or-debug',
    ...setting,
    title: 'Not compiling, or listening for a debugger',
    meaning:
      'The JVM was started with -Xint and interprets its program, or with -Xrunjdwp and obeys whoever connects as a debugger.',
    falseWhen: 'Someone is looking for a bug right now.',
  },
} as const satisfies Record<string, FindingRule>
