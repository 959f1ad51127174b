/** Rules about other runtimes than the JVM, and about any of them. */
import type { RuntimeRule } from './rule.ts'

export const otherRuntimeRules: readonly RuntimeRule[] = []
