/** Where a JVM and the kernel differ over memory. */
import type { FindingRule } from '../finding.ts'

/** What makes a JVM blind to its limits, or keeps it at what they once were. */
const BLIND = [
  'jvm.container-support-off',
  'jvm.limit-on-ancestor',
  'jvm.limit-changed-after-start',
  'jvm.old-version',
] as const

const runtime = { entity: 'runtime', raiseAfter: 2, clearAfter: 3, since: '0.1' } as const
/** Judged by what is set: no load is needed. */
const setting = { ...runtime, minHistorySeconds: 0 } as const
/** What is set, and kills: said at once. */
const deadly = { ...setting, raiseAfter: 1 } as const

/** Judged by what was seen. */
const behaviour = { ...runtime, minHistorySeconds: 300 } as const
const TOO_LARGE = [
  ...BLIND,
  'jvm.heap-exceeds-limit',
  'jvm.heap-plus-nonheap-exceeds-limit',
  'multi.budget',
] as const

export const jvmMemoryFindings = {
  'jvm.container-support-off': {
    id: 'jvm.container-support-off',
    ...deadly,
    title: 'The JVM sizes itself by the whole machine',
    meaning:
      'Its build, its flags or a missing mount keep the JVM from seeing its cgroup. It sizes heap, collector and threads by the memory and the CPUs of the machine, and the kernel stops or kills it at its limits.',
    falseWhen:
      'Flags fix the heap and the count of CPUs: told as info. The JVM was moved into its cgroup after its start.',
  },
  'jvm.limit-on-ancestor': {
    id: 'jvm.limit-on-ancestor',
    ...setting,
    title: 'The limit sits above, where the JVM does not look',
    meaning:
      'A slice, a pod or an outer container has the limit, the cgroup of the JVM has none or a larger one. This build looks at its own cgroup alone and sizes itself by what it finds there, and so does any build in a cgroup namespace of its own, which shows nothing above.',
    falseWhen: 'The cgroup above has room, since its other members are small.',
    explainedBy: ['jvm.container-support-off'],
  },
  'jvm.limit-changed-after-start': {
    id: 'jvm.limit-changed-after-start',
    ...setting,
    title: 'The memory limit has changed since the JVM started',
    meaning:
      'A JVM chooses heap, collector and threads when it starts. Below a limit that shrank it may be killed; of one that grew it makes no use.',
    falseWhen:
      'The limit is changed for a moment and comes back. Where the start was not seen, the heap alone tells that it was made for another limit.',
    explainedBy: ['jvm.container-support-off', 'jvm.limit-on-ancestor'],
  },
  'jvm.heap-exceeds-limit': {
    id: 'jvm.heap-exceeds-limit',
    ...deadly,
    title: 'The heap may grow beyond the memory limit',
    meaning:
      'The JVM believes it may grow its heap to a size that the kernel does not grant. It will be killed (exit 137) without an OutOfMemoryError, since it collects under heap pressure, not under limit pressure.',
    falseWhen:
      'The limit sits on a shared slice whose other members are idle, or the collector is Epsilon on purpose.',
    explainedBy: BLIND,
  },
  'jvm.heap-plus-nonheap-exceeds-limit': {
    id: 'jvm.heap-plus-nonheap-exceeds-limit',
    ...deadly,
    title: 'The heap fits the memory limit, but not with what is beside it',
    meaning:
      'A JVM needs memory beside its heap: for classes, compiled code, stacks, buffers and the books of its collector. The kernel counts all of it and kills the JVM before the heap is full.',
    falseWhen:
      'The model takes it for a busier service than it is. After a day what was measured counts where it is more; several JVMs in one cgroup count by the model only.',
    explainedBy: [...BLIND, 'jvm.heap-exceeds-limit', 'multi.budget'],
  },
  'jvm.limit-with-swap-hides-oom': {
    id: 'jvm.limit-with-swap-hides-oom',
    ...setting,
    title: 'What does not fit the memory limit is swapped',
    meaning:
      'The JVM may come to more than its limit, and the kernel may swap. So it will not be killed but get slow: each collection reads back what was swapped.',
    falseWhen: 'The swap is there to bridge a start or a deployment, and is watched.',
    explainedBy: TOO_LARGE,
  },
  'jvm.heap-small-share': {
    id: 'jvm.heap-small-share',
    ...runtime,
    minHistorySeconds: 3600,
    title: 'The JVM collects hard in a quarter of its memory',
    meaning:
      'Without a flag a JVM takes a quarter of its memory for its heap, a share for machines that many use. In a container of its own the rest lies idle, while the collector has too little room.',
    falseWhen:
      'The rest is for files (Kafka, Lucene, Spark), for a native library, or for what starts beside it now and then.',
    explainedBy: BLIND,
  },
  'jvm.memory-high-below-need': {
    id: 'jvm.memory-high-below-need',
    ...setting,
    title: 'The kernel slows the JVM down before its limit',
    meaning:
      'Above memory.high each allocation reclaims memory first. The JVM does not look at it and goes on growing, so that it pauses for long and nothing says why.',
    falseWhen:
      'memory.high was set so on purpose to make the JVM give up files, or its heap never grows as far as its flags allow.',
    explainedBy: [...BLIND, 'jvm.heap-exceeds-limit'],
  },
  'jvm.swap': {
    id: 'jvm.swap',
    ...behaviour,
    title: 'Parts of the JVM come back from swap',
    meaning:
      'A collection touches the whole heap. What was swapped is read back while all threads stand still: pauses of seconds.',
    falseWhen: 'The swap is compressed memory (zram, zswap), which is a hundred times faster.',
    explainedBy: [...TOO_LARGE, 'jvm.limit-with-swap-hides-oom'],
  },
  'jvm.page-cache-pressure': {
    id: 'jvm.page-cache-pressure',
    ...behaviour,
    title: 'Files fill the memory limit, and making room hurts',
    meaning:
      'Pages of files that it reads and writes count against the limit. Where they are dropped while somebody waits, or read again at once, the program stands still for them; with many unwritten pages it may be killed.',
    falseWhen:
      'A job that reads everything once, such as a backup. A limit that is full of clean pages is no finding at all.',
    explainedBy: TOO_LARGE,
  },
  'jvm.oversized-heap': {
    id: 'jvm.oversized-heap',
    ...runtime,
    minHistorySeconds: 86_400,
    title: 'The JVM holds far more heap than it needs',
    meaning:
      'What lives in the heap is a small part of what the JVM holds, and it hardly ever collects. The memory could be used by others.',
    falseWhen: 'The room is kept for a load that comes once a week, or for the least pauses.',
  },
  'jvm.xms-above-request': {
    id: 'jvm.xms-above-request',
    ...setting,
    title: 'The heap starts larger than what was requested for it',
    meaning:
      'A scheduler places workloads by what they request. One that takes more from its start fills the machine unseen, and is the first to go when it is full.',
    falseWhen:
      'Without AlwaysPreTouch the heap at the start is address space alone, and pages come when they are used: told as info.',
  },
  'jvm.compressed-oops-cliff': {
    id: 'jvm.compressed-oops-cliff',
    ...setting,
    title: 'A heap in which references are twice as long',
    meaning:
      'From 32 GiB on references take 8 bytes instead of 4. The same objects need a third to a half more room, so that such a heap holds less than one of 31 GiB, up to about 48 GiB.',
    falseWhen: 'The data are mostly arrays of numbers, which hold few references.',
  },
  'jvm.direct-memory-unbounded': {
    id: 'jvm.direct-memory-unbounded',
    ...runtime,
    minHistorySeconds: 3600,
    title: 'Buffers beside the heap have no bound and grow',
    meaning:
      'Without MaxDirectMemorySize direct buffers may take as much again as the heap. Memory beside the heap that nothing else explains is large or grows, and the limit does not hold both.',
    falseWhen:
      'It is a native library that takes the memory; Netty without cleaners has a bound of its own, io.netty.maxDirectMemory.',
    explainedBy: [...TOO_LARGE, 'jvm.malloc-arenas'],
  },
  'jvm.metaspace-growth': {
    id: 'jvm.metaspace-growth',
    ...runtime,
    minHistorySeconds: 21_600,
    title: 'Classes are loaded and never let go',
    meaning:
      'Metaspace has grown for six hours together with the count of classes, and nothing bounds it. A leak of class loaders ends in a kill by the kernel, without an error that names it.',
    falseWhen:
      'A slow warm-up, or a program that makes classes on purpose, such as a rule engine. The counters move at collections alone.',
  },
  'jvm.thread-stacks': {
    id: 'jvm.thread-stacks',
    ...setting,
    title: 'Stacks of threads, or their number, near a limit',
    meaning:
      'Each thread may touch its whole stack, and a cgroup may have so many threads. Beyond either the JVM is killed, or fails with "unable to create native thread".',
    falseWhen: 'Stacks are reserved, not taken: most threads touch a tenth of theirs.',
    explainedBy: ['jvm.cpu-count-exceeds-quota'],
  },
  'jvm.malloc-arenas': {
    id: 'jvm.malloc-arenas',
    ...setting,
    title: 'malloc keeps arenas for all CPUs of the machine',
    meaning:
      'glibc makes up to eight arenas for each CPU of the machine, whatever the quota, and what is freed in one does not come back. RSS creeps up while the heap stays flat.',
    falseWhen: 'A native library really needs the memory that is not explained.',
  },
  'jvm.hsperf-on-disk': {
    id: 'jvm.hsperf-on-disk',
    ...setting,
    title: 'Counters of the JVM on a disk',
    meaning:
      'The JVM writes its counters by plain stores into a mapped file, at safepoints too. Where the kernel is writing that page to a disk, the store waits, and all threads with it: pauses of hundreds of milliseconds without work.',
    falseWhen: 'The disk is never busy: told as info until pauses without a collection are seen.',
  },
} as const satisfies Record<string, FindingRule>
