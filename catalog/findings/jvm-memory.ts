/** Where a JVM and the kernel differ over memory. */
import type { FindingRule } from '../finding.ts'

export const jvmMemoryFindings = {
  'jvm.heap-exceeds-limit': {
    id: 'jvm.heap-exceeds-limit',
    entity: 'runtime',
    title: 'The heap may grow beyond the memory limit',
    minHistorySeconds: 0,
    raiseAfter: 1,
    clearAfter: 3,
    meaning:
      'The JVM believes it may grow its heap to a size that the kernel does not grant. It will be killed (exit 137) without an OutOfMemoryError, since it collects under heap pressure, not under limit pressure.',
    falseWhen:
      'The limit sits on a shared slice whose other members are idle, or the collector is Epsilon on purpose.',
    since: '0.1',
  },
} as const satisfies Record<string, FindingRule>
