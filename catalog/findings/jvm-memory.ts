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
      'A slice, a pod or an outer container has the limit, the cgroup of the JVM has none or a larger one. This build looks at its own cgroup alone and sizes itself by what it finds there.',
    falseWhen:
      'The cgroup above has room, since its other members are small. In a private cgroup namespace no version can look up.',
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
    explainedBy: [
      ...BLIND,
      'jvm.heap-exceeds-limit',
      'jvm.heap-plus-nonheap-exceeds-limit',
      'multi.budget',
    ],
  },
} as const satisfies Record<string, FindingRule>
