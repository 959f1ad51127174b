/** Rules about the memory of a JVM. */
import { judgeHeapExceedsLimit } from './jvm-heap-exceeds-limit.ts'
import type { RuntimeRule } from './rule.ts'

export const jvmMemoryRules: readonly RuntimeRule[] = [
  { id: 'jvm.heap-exceeds-limit', about: ['jvm'], judge: judgeHeapExceedsLimit },
]
