/** Rules about the CPU time of a JVM. */
import { judgeConcurrentGcStarved } from './jvm-concurrent-gc-starved.ts'
import { judgeCpuCountExceedsQuota } from './jvm-cpu-count-exceeds-quota.ts'
import { judgeCpuCountFromShares } from './jvm-cpu-count-from-shares.ts'
import { judgeCpuQuotaFraction } from './jvm-cpu-quota-fraction.ts'
import { judgeGcCpuShare } from './jvm-gc-cpu-share.ts'
import { judgeGcThrash } from './jvm-gc-thrash.ts'
import { judgeGcThreadsExceedQuota } from './jvm-gc-threads-exceed-quota.ts'
import { judgeInterpretedOrDebug } from './jvm-interpreted-or-debug.ts'
import { judgeOldVersion } from './jvm-old-version.ts'
import { judgeParallelGcSmallQuota } from './jvm-parallelgc-small-quota.ts'
import { judgeSerialByAccident } from './jvm-serial-by-accident.ts'
import { judgeStartupThrottled } from './jvm-startup-throttled.ts'
import { judgeThrottledDuringGc } from './jvm-throttled-during-gc.ts'
import type { RuntimeRule } from './rule.ts'

const about = ['jvm'] as const

export const jvmCpuRules: readonly RuntimeRule[] = [
  { id: 'jvm.cpu-count-exceeds-quota', about, judge: judgeCpuCountExceedsQuota },
  { id: 'jvm.cpu-count-from-shares', about, judge: judgeCpuCountFromShares },
  { id: 'jvm.cpu-quota-fraction', about, judge: judgeCpuQuotaFraction },
  { id: 'jvm.gc-threads-exceed-quota', about, judge: judgeGcThreadsExceedQuota },
  { id: 'jvm.parallelgc-small-quota', about, judge: judgeParallelGcSmallQuota },
  { id: 'jvm.serial-by-accident', about, judge: judgeSerialByAccident },
  { id: 'jvm.gc-cpu-share', about, judge: judgeGcCpuShare },
  { id: 'jvm.gc-thrash', about, judge: judgeGcThrash },
  { id: 'jvm.throttled-during-gc', about, judge: judgeThrottledDuringGc },
  { id: 'jvm.concurrent-gc-starved', about, judge: judgeConcurrentGcStarved },
  { id: 'jvm.startup-throttled', about, judge: judgeStartupThrottled },
  { id: 'jvm.old-version', about, judge: judgeOldVersion },
  { id: 'jvm.interpreted-or-debug', about, judge: judgeInterpretedOrDebug },
]
