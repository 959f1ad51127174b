/** Resources of a machine that nobody can use. */
import { bytes, containers, cpus, GIB, type Grading, share } from '../grading.ts'

const strand = {
  severities: {
    info: 'the other resource was full for `fullShare` of the time, and what is free is worth it',
  },
  thresholds: {
    fullShare: share(0.7, 'of the samples in which less was left than a typical request'),
    freeShare: share(0.05, 'of the machine that must be free at least'),
    freeCpus: cpus(1, 'that must be free at least'),
    freeMemory: bytes(GIB, 'that must be free at least'),
    mixContainers: containers(3, 'with both limits, to know what is typical'),
    coverage: share(0.7, 'of the samples that must be there'),
    usedShare: share(
      0.5,
      'of what is granted: with less of it used, limits are to be lowered first',
    ),
  },
} as const

export const machineGradings = {
  'strand.cpu': strand,
  'strand.mem': strand,
} as const satisfies Record<string, Grading>
