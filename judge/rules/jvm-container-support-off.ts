/**
 * jvm.container-support-off: the JVM sizes itself by the whole machine, since its build or its flags
 * keep it from seeing its cgroup.
 *
 * A build counts only where what the JVM made of itself does not say otherwise: distributions backport,
 * and a heap that is a share of the limit was sized by somebody who saw it.
 */
import type { Severity } from '../../catalog/finding.ts'
import { choiceOf } from '../ergonomics/jvm-choice.ts'
import { fixedHeapFlag, majorVersion } from '../ergonomics/jvm-flags.ts'
import { allowedCpus, type Blindness, blindnessOf, fixedCpus } from '../ergonomics/jvm-sight.ts'
import { firstWith, type JvmFeature } from '../ergonomics/jvm-version.ts'
import { type Confidence, type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { quotaSource } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { heapIn } from './heap-fix.ts'
import { loweredStart } from './heap-flag.ts'
import { heapMaxOf } from './heap-max.ts'
import { expectedParts } from './jvm-need.ts'
import { type Limit, limitOf } from './limit.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, mebibytes } from './words.ts'

const RULE = 'jvm.container-support-off'
const { slack: SLACK } = thresholdsOf(RULE)
const MIB = 1024 * 1024
/** Before these a JVM refuses to start with -XX:ActiveProcessorCount. */
const NO_CPU_FLAG: Blindness = 'before-containers'

interface Cause {
  readonly says: string
  /** What a build must have, or what to do where no build is at fault. */
  readonly cure: JvmFeature | { readonly words: string }
}

const CAUSES: Readonly<Record<Blindness, Cause>> = {
  'switched-off': {
    says: 'it was started with -XX:-UseContainerSupport',
    cure: { words: 'remove -XX:-UseContainerSupport' },
  },
  'before-containers': { says: 'its version knows no containers', cure: 'containers' },
  'no-mount': {
    says: 'no cgroup file system is mounted where it could see it',
    cure: { words: 'mount /sys/fs/cgroup where it runs, read-only' },
  },
  'no-cgroup2': { says: 'its build does not know cgroup v2', cure: 'cgroup2' },
  'no-controllers': {
    says: 'the kernel lists no memory or cpuset in /proc/cgroups, where its build gives up',
    cure: 'noControllersNeeded',
  },
}

export function judgeContainerSupport(jvm: RuntimeProfile): Judgement {
  const limit = realLimit(jvm)
  const quota = realQuota(jvm)
  if (limit === undefined && quota === undefined) return FINE
  const cause = blindnessOf(jvm)
  if (cause === undefined)
    return (jvm.version ?? jvm.capabilities) === undefined
      ? notJudged('neither its version nor its library is known')
      : FINE
  const traces = tracesOf(jvm, limit)
  if (traces === 'sees') return FINE
  const severity = severityOf(jvm, cause, traces, limit, quota)
  const shown = figures(jvm, limit, quota)
  return finding({
    rule: RULE,
    severity,
    confidence: confidenceOf(jvm, cause, traces),
    summary: `The JVM takes itself to have the whole machine, ${shown.believedSays}, not ${shown.enforcedSays}: ${CAUSES[cause].says}.`,
    ...(shown.believed[0] !== undefined && { believed: shown.believed[0] }),
    ...(shown.enforced[0] !== undefined && { enforced: shown.enforced[0] }),
    evidence: [...shown.believed, ...shown.enforced],
    ...fixOf(jvm, cause, limit, quota),
  })
}

/** A limit that the machine can reach. */
const realLimit = (jvm: RuntimeProfile): Limit | undefined => {
  const limit = limitOf(jvm)
  return limit?.source === '/proc/meminfo' ? undefined : limit
}

/** A quota below what it may run on. */
function realQuota(jvm: RuntimeProfile): number | undefined {
  const { cpuLimitCores } = jvm
  const allowed = allowedCpus(jvm)
  return cpuLimitCores === undefined || (allowed !== undefined && cpuLimitCores >= allowed)
    ? undefined
    : cpuLimitCores
}

/** Whether its heap is a share of the machine's memory or of the limit; neither says nothing. */
function tracesOf(jvm: RuntimeProfile, limit: Limit | undefined): 'blind' | 'sees' | 'none' {
  const { flags = [], version, heapMaxBytes, machineMemoryBytes, machineCpus = 1 } = jvm
  if (limit === undefined || heapMaxBytes === undefined || machineMemoryBytes === undefined)
    return 'none'
  if (!flagsAreWhole(jvm) || fixedHeapFlag(flags) !== undefined) return 'none'
  const like = (memoryBytes: number) => {
    const predicted = choiceOf(flags, version, { cpus: machineCpus, memoryBytes }).heapMaxBytes
    return Math.abs(heapMaxBytes - predicted) <= SLACK * predicted
  }
  if (like(machineMemoryBytes)) return 'blind'
  return like(limit.bytes) ? 'sees' : 'none'
}

/** Who fixed both sizes lives well without seeing the cgroup. */
function severityOf(
  jvm: RuntimeProfile,
  cause: Blindness,
  traces: 'blind' | 'none',
  limit: Limit | undefined,
  quota: number | undefined,
): Severity {
  const heapFixed = limit === undefined || fixedHeapFlag(jvm.flags ?? []) !== undefined
  const cpusFixed = quota === undefined || fixedCpus(jvm) !== undefined
  if (heapFixed && cpusFixed) return 'info'
  if (heapFixed) return 'high'
  return confidenceOf(jvm, cause, traces) === 'inferred' ? 'high' : 'critical'
}

/** A flag and a mount are read; a library too. A version says it only where the heap agrees. */
function confidenceOf(jvm: RuntimeProfile, cause: Blindness, traces: 'blind' | 'none'): Confidence {
  if (cause === 'switched-off' || cause === 'no-mount') return 'exact'
  if (jvm.capabilities !== undefined) return 'exact'
  return traces === 'blind' ? 'strong' : 'inferred'
}

function figures(jvm: RuntimeProfile, limit: Limit | undefined, quota: number | undefined) {
  const believed: Evidence[] = []
  const enforced: Evidence[] = []
  const believedWords: string[] = []
  const enforcedWords: string[] = []
  if (limit !== undefined) {
    const memory = jvm.machineMemoryBytes
    believed.push(
      jvm.heapMaxBytes === undefined
        ? evidence('memory of the machine', memory ?? 0, 'By', '/proc/meminfo')
        : heapMaxOf(jvm, jvm.heapMaxBytes),
    )
    enforced.push(evidence('memory limit', limit.bytes, 'By', limit.source))
    believedWords.push(memory === undefined ? 'all of its memory' : mebibytes(memory))
    enforcedWords.push(mebibytes(limit.bytes))
  }
  if (quota !== undefined) {
    const count = jvm.believedCpus?.value ?? allowedCpus(jvm)
    if (count !== undefined) {
      const source = jvm.believedCpus?.source ?? '/proc/PID/status Cpus_allowed'
      believed.push(evidence('CPUs', count, '{cpu}', source))
      believedWords.push(cores(count))
    }
    enforced.push(evidence('CPU quota', quota, '{cpu}', quotaSource(jvm)))
    enforcedWords.push(cores(quota))
  }
  return {
    believed,
    enforced,
    believedSays: believedWords.join(' and '),
    enforcedSays: enforcedWords.join(' and '),
  }
}

function fixOf(
  jvm: RuntimeProfile,
  cause: Blindness,
  limit: Limit | undefined,
  quota: number | undefined,
): Fix {
  const flags = jvm.flags ?? []
  const words: string[] = []
  let start = ''
  const fixValues: Record<string, number> = {}
  if (limit !== undefined && fixedHeapFlag(flags) === undefined) {
    const { xmxBytes } = heapIn(jvm, limit, expectedParts(jvm))
    if (xmxBytes > 0) {
      words.push(`-Xmx${xmxBytes / MIB}m`)
      start = loweredStart(flags, xmxBytes)
      fixValues['xmxBytes'] = xmxBytes
    }
  }
  if (quota !== undefined && fixedCpus(jvm) === undefined) {
    const count = Math.max(1, Math.ceil(quota))
    const old = cause === NO_CPU_FLAG && (majorVersion(jvm.version) ?? 0) < 10
    words.push(old ? `-XX:ParallelGCThreads=${count}` : `-XX:ActiveProcessorCount=${count}`)
    fixValues[old ? 'parallelGcThreads' : 'activeProcessorCount'] = count
  }
  const cure = cureOf(jvm, CAUSES[cause])
  return {
    fix: words.length === 0 ? cure : `${cure}; until then add ${words.join(' ')}${start}`,
    fixValues,
  }
}

/** Every cgroup is of v2 where that is what the machine has. */
function cureOf({ version, machineCgroups }: RuntimeProfile, { cure }: Cause): string {
  if (typeof cure !== 'string') return cure.words
  const needed: JvmFeature[] = machineCgroups === 'v2' ? [cure, 'cgroup2'] : [cure]
  return `upgrade to ${firstWith(version, needed)} or later`
}
