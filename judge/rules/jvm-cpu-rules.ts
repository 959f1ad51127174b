/** Rules about the CPU time of a JVM. */
import type { RuntimeRule } from './rule.ts'

export const jvmCpuRules: readonly RuntimeRule[] = []
