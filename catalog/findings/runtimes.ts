/** Where other runtimes than the JVM differ from the kernel, and what concerns all of them. */
import type { FindingRule } from '../finding.ts'

export const runtimeFindings = {} as const satisfies Record<string, FindingRule>
