/**
 * dotnet.heap-hard-limit: the heap of .NET may take all of the memory limit, or several of them do.
 *
 * Beside the heap there are code, stacks and native memory. Numbers in variables are hexadecimal: 75 is
 * 117. By default a process in a container takes three quarters, and each of several takes them.
 */
import { CUT } from '../../catalog/entity.ts'
import {
  defaultHeapLimit,
  HEAP_SHARE_VARIABLE,
  type SetHeapLimit,
  setHeapLimit,
} from '../ergonomics/dotnet.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { type Limit, limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'dotnet.heap-hard-limit'
const { mostShare: MOST_SHARE } = thresholdsOf(RULE)
const FIX_PERCENT = 60
const MIB = 1024 ** 2

export function judgeDotnetHeap(dotnet: RuntimeProfile): Judgement {
  const limit = limitOf(dotnet)
  if (limit === undefined) return FINE
  if (dotnet.environment === undefined) return notJudged('its environment could not be read')
  const set = setHeapLimit(dotnet, limit.bytes)
  if (set === undefined) return several(dotnet, limit)
  if (set.value <= MOST_SHARE * limit.bytes) return FINE
  return answer(
    set.value >= limit.bytes ? 'high' : 'warning',
    limit,
    evidence('maximum of the heap', Math.round(set.value), 'By', set.source),
    `.NET is told to take up to ${mebibytes(set.value)} for its heap (${set.source}), the kernel stops ${limit.source} at ${mebibytes(limit.bytes)}.`,
    fixOf(limit, processesIn(dotnet), set),
  )
}

const processesIn = ({ neighbours = [] }: RuntimeProfile): number =>
  1 + neighbours.filter(({ runtime }) => runtime === 'dotnet').length

/** Each takes its default share of the same limit. */
function several(dotnet: RuntimeProfile, limit: Limit): Judgement {
  const processes = processesIn(dotnet)
  const own = defaultHeapLimit(limit.bytes)
  const together = (dotnet.neighbours ?? [])
    .filter(({ runtime }) => runtime === 'dotnet')
    .reduce((sum, { believedMemoryBytes = own }) => sum + believedMemoryBytes, own)
  if (processes === 1 || together <= limit.bytes) return FINE
  if (CUT in (dotnet.environment ?? {}))
    return notJudged('not all of its environment could be read')
  return answer(
    'warning',
    limit,
    evidence('maxima of the heaps', together, 'By', 'three quarters of the limit each, or as set'),
    `${processes} processes of .NET may take ${mebibytes(together)} for their heaps, this one three quarters of the ${mebibytes(limit.bytes)} that the kernel grants to ${limit.source}.`,
    fixOf(limit, processes),
  )
}

/** Set in the unit and by the name that is there: bytes win over a share, a variable over a file. */
function fixOf(limit: Limit, processes: number, set?: SetHeapLimit): Fix {
  const percent = Math.floor(FIX_PERCENT / processes)
  const name = set?.variable ?? HEAP_SHARE_VARIABLE
  const verb = set?.source.startsWith(`${name}=`) === true ? `replace ${set.source} by` : 'set'
  if (set?.inBytes !== true)
    return {
      fix: `${verb} ${name}=${hexadecimal(percent)}, which is ${percent} %`,
      fixValues: { heapHardLimitPercent: percent },
    }
  const bytes = Math.floor((limit.bytes * percent) / 100 / MIB) * MIB
  return {
    fix: `${verb} ${name}=${hexadecimal(bytes)}, which is ${mebibytes(bytes)}`,
    fixValues: { heapHardLimitBytes: bytes },
  }
}

const hexadecimal = (value: number): string => `0x${value.toString(16).toUpperCase()}`

function answer(
  severity: 'high' | 'warning',
  limit: Limit,
  believed: ReturnType<typeof evidence>,
  summary: string,
  fix: Fix,
): Judgement {
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  return finding({
    rule: RULE,
    severity,
    confidence: 'exact',
    summary,
    believed,
    enforced,
    evidence: [believed, enforced],
    ...fix,
  })
}
