/** The grading of every rule. */
import type { FindingRuleId } from '../finding.ts'
import type { Grading } from './grading.ts'
import { jvmCpuGradings } from './gradings/jvm-cpu.ts'
import { jvmLimitGradings } from './gradings/jvm-limits.ts'
import { jvmMemoryGradings } from './gradings/jvm-memory.ts'
import { machineGradings } from './gradings/machine.ts'
import { runtimeGradings } from './gradings/runtimes.ts'
import { storeGradings } from './gradings/store.ts'

export const gradings = {
  ...jvmLimitGradings,
  ...jvmMemoryGradings,
  ...jvmCpuGradings,
  ...runtimeGradings,
  ...machineGradings,
  ...storeGradings,
} as const satisfies Record<FindingRuleId, Grading>
