/**
 * go.gomaxprocs-exceeds-quota: a Go program runs goroutines on more CPUs than its quota has.
 *
 * They spend the quota at the start of each period, and the collector, which takes a quarter of
 * GOMAXPROCS, with them. Since 1.25 the runtime follows the quota, but only in a program whose go.mod
 * says 1.25 or later: the settings that the linker noted tell.
 */
import { CUT } from '../../catalog/entity.ts'
import { goCpus } from '../ergonomics/go.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, leastSure } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { isStopped, stops } from './harm.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'go.gomaxprocs-exceeds-quota'
const { factor: FACTOR, excess: EXCESS, highFactor: HIGH_FACTOR } = thresholdsOf(RULE)

export function judgeGoMaxProcs(go: RuntimeProfile): Judgement {
  const granted = grantedCpus(go)
  if (go.cpuLimitCores === undefined || granted === undefined) return FINE
  const told = go.believedCpus
  const believes = told?.confidence === 'exact' ? told : goCpus(go)
  if (believes === undefined) return notJudged(whyUnknown(go))
  const { value, confidence, source } = believes
  if (value <= granted.whole * FACTOR || value - granted.cores < EXCESS) return FINE
  const believed = evidence('GOMAXPROCS', value, '{cpu}', source)
  const severe = value >= HIGH_FACTOR * granted.cores && isStopped(go)
  return finding({
    rule: RULE,
    severity: severe ? 'high' : 'warning',
    confidence: leastSure(confidence, granted.confidence),
    summary: `The program runs goroutines on ${value} CPUs at once, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(go)],
    fix: `set GOMAXPROCS=${granted.whole}, or build it with Go 1.25 or later and that version in go.mod`,
    fixValues: { goMaxProcs: granted.whole },
  })
}

function whyUnknown({ environment, version, build }: RuntimeProfile): string {
  if (environment === undefined) return 'its environment could not be read'
  if (CUT in environment) return 'not all of its environment could be read'
  if (version === undefined) return 'its version of Go is not known'
  if (build?.['mod'] === undefined)
    return 'which modules it was built of is not known: one may set GOMAXPROCS'
  return 'the CPUs that it may run on are not known'
}
