/** Rules about the memory of a JVM. */
import { judgeHeapExceedsLimit } from './jvm-heap-exceeds-limit.ts'
import { judgeHeapPlusNonheap } from './jvm-heap-plus-nonheap-exceeds-limit.ts'
import { judgeLimitWithSwap } from './jvm-limit-with-swap-hides-oom.ts'
import { judgeContainerSupport } from './jvm-container-support-off.ts'
import { judgeLimitOnAncestor } from './jvm-limit-on-ancestor.ts'
import { judgeLimitChanged } from './jvm-limit-changed-after-start.ts'
import { judgeHeapSmallShare } from './jvm-heap-small-share.ts'
import { judgeOversizedHeap } from './jvm-oversized-heap.ts'
import { judgeMemoryHigh } from './jvm-memory-high-below-need.ts'
import { judgeSwap } from './jvm-swap.ts'
import { judgePageCache } from './jvm-page-cache-pressure.ts'
import { judgeXmsAboveRequest } from './jvm-xms-above-request.ts'
import { judgeCompressedOopsCliff } from './jvm-compressed-oops-cliff.ts'
import { judgeDirectMemory } from './jvm-direct-memory-unbounded.ts'
import { judgeMetaspaceGrowth } from './jvm-metaspace-growth.ts'
import { judgeThreadStacks } from './jvm-thread-stacks.ts'
import { judgeMallocArenas } from './jvm-malloc-arenas.ts'
import { judgeHsperfOnDisk } from './jvm-hsperf-on-disk.ts'
import type { RuntimeRule } from './rule.ts'

export const jvmMemoryRules: readonly RuntimeRule[] = [
  { id: 'jvm.heap-exceeds-limit', about: ['jvm'], judge: judgeHeapExceedsLimit },
  { id: 'jvm.heap-plus-nonheap-exceeds-limit', about: ['jvm'], judge: judgeHeapPlusNonheap },
  { id: 'jvm.limit-with-swap-hides-oom', about: ['jvm'], judge: judgeLimitWithSwap },
  { id: 'jvm.container-support-off', about: ['jvm'], judge: judgeContainerSupport },
  { id: 'jvm.limit-on-ancestor', about: ['jvm'], judge: judgeLimitOnAncestor },
  { id: 'jvm.limit-changed-after-start', about: ['jvm'], judge: judgeLimitChanged },
  { id: 'jvm.heap-small-share', about: ['jvm'], judge: judgeHeapSmallShare },
  { id: 'jvm.oversized-heap', about: ['jvm'], judge: judgeOversizedHeap },
  { id: 'jvm.memory-high-below-need', about: ['jvm'], judge: judgeMemoryHigh },
  { id: 'jvm.swap', about: ['jvm'], judge: judgeSwap },
  { id: 'jvm.page-cache-pressure', about: ['jvm'], judge: judgePageCache },
  { id: 'jvm.xms-above-request', about: ['jvm'], judge: judgeXmsAboveRequest },
  { id: 'jvm.compressed-oops-cliff', about: ['jvm'], judge: judgeCompressedOopsCliff },
  { id: 'jvm.direct-memory-unbounded', about: ['jvm'], judge: judgeDirectMemory },
  { id: 'jvm.metaspace-growth', about: ['jvm'], judge: judgeMetaspaceGrowth },
  { id: 'jvm.thread-stacks', about: ['jvm'], judge: judgeThreadStacks },
  { id: 'jvm.malloc-arenas', about: ['jvm'], judge: judgeMallocArenas },
  { id: 'jvm.hsperf-on-disk', about: ['jvm'], judge: judgeHsperfOnDisk },
]
