/** Every rule group, in the order in which it is printed. */
import { rule as agentStale } from './host/agent-stale.ts'
import { rule as clockNotSynchronised } from './host/clock-not-synchronised.ts'
import { rule as clockSkew } from './host/clock-skew.ts'
import { rule as cpuPressure } from './host/cpu-pressure.ts'
import { rule as ioPressure } from './host/io-pressure.ts'
import { rule as memoryLow } from './host/memory-low.ts'
import { rule as memoryPressure } from './host/memory-pressure.ts'
import { rule as oomKills } from './host/oom-kills.ts'
import { rule as readerFailed } from './host/reader-failed.ts'
import { rule as storeDiskFull } from './host/store-disk-full.ts'
import type { RuleGroup } from './rule.ts'

const host: RuleGroup = {
  name: 'host',
  rules: {
    'agent-stale': agentStale,
    'reader-failed': readerFailed,
    'cpu-pressure': cpuPressure,
    'memory-pressure': memoryPressure,
    'io-pressure': ioPressure,
    'memory-low': memoryLow,
    'oom-kills': oomKills,
    'clock-not-synchronised': clockNotSynchronised,
    'clock-skew': clockSkew,
    'store-disk-full': storeDiskFull,
  },
}

export const groups: readonly RuleGroup[] = [host]
