/** Rules about the memory of a JVM. */
import { judgeHeapExceedsLimit } from './jvm-heap-exceeds-limit.ts'
import { judgeHeapPlusNonheap } from './jvm-heap-plus-nonheap-exceeds-limit.ts'
import { judgeLimitWithSwap } from './jvm-limit-with-swap-hides-oom.ts'
import type { RuntimeRule } from './rule.ts'

export const jvmMemoryRules: readonly RuntimeRule[] = [
  { id: 'jvm.heap-exceeds-limit', about: ['jvm'], judge: judgeHeapExceedsLimit },
  { id: 'jvm.heap-plus-nonheap-exceeds-limit', about: ['jvm'], judge: judgeHeapPlusNonheap },
  { id: 'jvm.limit-with-swap-hides-oom', about: ['jvm'], judge: judgeLimitWithSwap },
]
