/** Where a JVM and the kernel differ over CPU. */
import type { FindingRule } from '../finding.ts'

export const jvmCpuFindings = {} as const satisfies Record<string, FindingRule>
