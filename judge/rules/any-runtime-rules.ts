/** Rules about every runtime, whatever it is. */
import { judgeHostSizedPool } from './generic-host-sized-pool.ts'
import { judgeThrottledThoughIdle } from './generic-throttled-though-idle.ts'
import { judgeMultiBudget } from './multi-budget.ts'
import type { RuntimeRule } from './rule.ts'

const about = 'every'

export const anyRuntimeRules: readonly RuntimeRule[] = [
  { id: 'multi.budget', about, judge: judgeMultiBudget },
  { id: 'generic.host-sized-pool', about, judge: judgeHostSizedPool },
  { id: 'generic.throttled-though-idle', about, judge: judgeThrottledThoughIdle },
]
