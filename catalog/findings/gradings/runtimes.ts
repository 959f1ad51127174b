/** Where other runtimes than the JVM differ from the kernel. */
import {
  bytes,
  type Grading,
  MIB,
  processes,
  seconds,
  share,
  threads,
  times,
  cpus,
} from '../grading.ts'
import { shared } from './shared.ts'

/** Of masters that run a worker for each CPU of the machine. */
const workers = {
  warning: 'there are too many, and more than `stoppedRatio` of the periods were stopped',
  info: 'there are too many, and the quota stops nobody',
} as const

export const runtimeGradings = {
  'go.gomaxprocs-exceeds-quota': {
    severities: {
      high: 'GOMAXPROCS is `highFactor` the quota or more, and more than `stoppedRatio` of the periods were stopped',
      warning: 'it is more than `factor` the quota, rounded up, and `excess` or more above it',
    },
    thresholds: {
      factor: times(1.5, 'the quota, rounded up'),
      excess: cpus(2, 'above the quota: the runtime itself never goes below 2'),
      highFactor: times(2, 'the quota'),
      stoppedRatio: shared.stoppedRatio,
    },
    unlike: 'Twice as many as the quota are only a warning while the quota stops nobody.',
  },
  'go.gomemlimit': {
    severities: {
      high: 'the goal is at the limit or above; or the program stands at more than `closeShare` of its goal and takes `busyShare` of its CPU or more',
      warning:
        'there is no goal and the program has more than `liveShare` of the limit; or the goal is above `closeShare` of it',
    },
    thresholds: {
      liveShare: share(0.5, 'of the limit, memory of its own, 99th percentile: it may double'),
      closeShare: share(0.95, 'of the limit, or of the goal'),
      busyShare: share(0.7, 'of the CPU that is granted'),
      history: seconds(300, 'of history'),
    },
  },
  'node.heap-exceeds-limit': {
    severities: {
      critical:
        'the heap may grow to the limit, and the process has more than `grownShare` of it already',
      high: 'the heap and `besideV8` may come to more than `v8LimitShare` of the limit',
    },
    thresholds: {
      grownShare: share(0.7, 'of the limit, memory of its own: it is on its way'),
      besideV8: shared.besideV8,
      v8LimitShare: shared.v8LimitShare,
    },
    unlike: 'Buffers are outside of the heap and are not counted: how large they get is not known.',
  },
  'node.heap-too-small': {
    severities: {
      info: 'the default is below `halfShare` of the limit, the process has `nearShare` of that heap or more, and no more than `takenShare` of the limit',
    },
    thresholds: {
      halfShare: share(0.55, 'of the limit'),
      nearShare: share(0.85, 'of the heap, memory of its own: it is nearly full'),
      takenShare: share(0.65, 'of the limit, memory of its own: with more nothing lies idle'),
    },
  },
  'node.workers-exceed-quota': {
    severities: workers,
    thresholds: {
      perCpu: times(2, 'the quota, rounded up: as many are no finding'),
      machineShare: share(0.75, 'of the CPUs of the machine: fewer were chosen on purpose'),
      stoppedRatio: shared.stoppedRatio,
    },
  },
  'node.uv-threadpool': {
    severities: { info: 'UV_THREADPOOL_SIZE is more than `perCpu` the quota, rounded up' },
    thresholds: {
      perCpu: times(4, 'the quota, rounded up'),
      default: threads(4, 'that nobody has to explain'),
    },
  },
  'dotnet.heap-hard-limit': {
    severities: {
      high: 'the heap may take all of the limit',
      warning:
        'it may take more than `mostShare` of it; or several processes with the default share together more than all of it',
    },
    thresholds: { mostShare: share(0.9, 'of the limit') },
  },
  'dotnet.server-gc-small': {
    severities: {
      warning:
        'it has more heaps than the quota has CPUs, or a limit below `least`, and they do not adapt',
    },
    thresholds: { least: bytes(512 * MIB, 'of memory limit') },
  },
  'python.workers-exceed-quota': {
    severities: workers,
    thresholds: {
      threadsPerCpu: times(2, 'the quota: a numeric library with as many threads is no finding'),
      stoppedRatio: shared.stoppedRatio,
    },
    unlike:
      'Twice the quota and one more are what the manual of gunicorn advises: as many workers are no finding.',
  },
  'nginx.workers-exceed-quota': {
    severities: workers,
    thresholds: {
      least: processes(2, 'that are no finding: a second one lets the first wait for a disk'),
      perCpu: times(2, 'the quota, rounded up: as many are no finding'),
      stoppedRatio: shared.stoppedRatio,
    },
  },
  'envoy.concurrency': {
    severities: { warning: 'there are more workers than `perCpu` the quota, rounded up' },
    thresholds: { perCpu: times(2, 'the quota, rounded up') },
  },
  'beam.schedulers-exceed-quota': {
    severities: { high: 'more are online than `factor` the quota, rounded up' },
    thresholds: {
      factor: times(1.5, 'the quota, rounded up'),
      stoppedRatio: shared.stoppedRatio,
    },
    unlike:
      'Where only the release tells how many are online it is told only with more than `stoppedRatio` of the periods stopped.',
  },
  'postgres.shared-buffers': {
    severities: {
      high: 'shared memory is more than `mostShare` of the limit',
      warning: 'with `backend` for each process it is more than the limit',
    },
    thresholds: {
      mostShare: share(0.5, 'of the limit'),
      backend: bytes(64 * MIB, 'that a backend comes to with work_mem in use; a model'),
    },
  },
  'ruby.workers-exceed-quota': {
    severities: { info: 'there are too many, whether the quota stops anyone or not' },
    thresholds: { perCpu: times(2, 'the quota, rounded up: as many are no finding') },
  },
  'generic.host-sized-pool': {
    severities: {
      info: 'the quota is no more than `quotaShare` of the machine, a pool of `least` or more is as large as the machine, and more than `stoppedRatio` of the periods were stopped',
    },
    thresholds: {
      quotaShare: share(0.25, 'of the CPUs of the machine'),
      least: threads(4, 'or processes: fewer may be as many as a small machine has CPUs by chance'),
      stoppedRatio: shared.stoppedRatio,
    },
  },
  'multi.budget': {
    severities: {
      high: 'what all runtimes of a cgroup were told to take, or hold of what they take by default, is with what they need beside it more than the limit',
      warning:
        'what they take by default is, and all that they hold is more than `heldShare` of the limit',
      info: 'what they take by default is, and they hold less',
    },
    thresholds: {
      youngSeconds: shared.youngSeconds,
      heldShare: share(0.5, 'of the limit: below it those that stay small by default have room'),
    },
  },
  'generic.throttled-though-idle': {
    severities: {
      warning:
        'more than `stoppedRatio` of the periods were stopped with less than `usedShare` used',
    },
    thresholds: {
      usedShare: share(0.6, 'of the quota'),
      stoppedRatio: shared.stoppedRatio,
    },
  },
} as const satisfies Record<string, Grading>
