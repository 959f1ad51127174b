/**
 * dotnet.server-gc-small: Server GC of .NET has more heaps than CPUs, or a container too small for it.
 *
 * It makes a heap and threads of its own for each CPU that it counts: meant for many CPUs and much
 * memory. On a single CPU .NET does without it by itself, and where heaps adapt it needs no help.
 */
import { SERVER_GC_THREADS } from '../../catalog/runtime-setting.ts'
import { adaptsHeaps, serverGc } from '../ergonomics/dotnet.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, mebibytes } from './words.ts'

const RULE = 'dotnet.server-gc-small'
const { least: LEAST_BYTES } = thresholdsOf(RULE)

export function judgeServerGc(dotnet: RuntimeProfile): Judgement {
  const { believedCpus, environment, build } = dotnet
  const heaps = believedCpus?.source === SERVER_GC_THREADS ? believedCpus.value : undefined
  const isServer = heaps !== undefined || serverGc(dotnet)
  if (isServer === undefined)
    return environment === undefined || build === undefined
      ? notJudged('whether it runs Server GC is not known')
      : FINE
  const granted = grantedCpus(dotnet)
  // .NET itself falls back to workstation GC there.
  if (!isServer || heaps === 1 || (heaps === undefined && granted?.whole === 1)) return FINE
  const adapts = adaptsHeaps(dotnet)
  if (adapts === undefined) return notJudged('its version is not known')
  if (adapts) return FINE
  const limit = limitOf(dotnet)
  if (dotnet.cpuLimitCores !== undefined && heaps !== undefined && granted && heaps > granted.whole)
    return answer(
      evidence('heaps of Server GC', heaps, '{heap}', SERVER_GC_THREADS),
      granted.evidence,
      `Server GC has ${heaps} heaps, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
      `set DOTNET_GCHeapCount=0x${granted.whole.toString(16).toUpperCase()}, or DOTNET_gcServer=0`,
      { heapCount: granted.whole },
    )
  if (limit === undefined || limit.bytes >= LEAST_BYTES) return FINE
  return answer(
    evidence('Server GC', 1, '1', heaps === undefined ? 'its settings' : SERVER_GC_THREADS),
    evidence('memory limit', limit.bytes, 'By', limit.source),
    `Server GC, which trades memory for speed, runs in ${mebibytes(limit.bytes)} of ${limit.source}.`,
    'set DOTNET_gcServer=0, or DOTNET_GCDynamicAdaptationMode=1 with .NET 8',
    {},
  )
}

type Figure = ReturnType<typeof evidence>

const answer = (
  believed: Figure,
  enforced: Figure,
  summary: string,
  fix: string,
  fixValues: Readonly<Record<string, number>>,
): Judgement =>
  finding({
    rule: RULE,
    severity: 'warning',
    confidence: 'strong',
    summary,
    believed,
    enforced,
    evidence: [believed, enforced],
    fix,
    fixValues,
  })
