/**
 * jvm.old-version: the build of the JVM cannot see the limits that this kernel sets it.
 *
 * By the literals in its library: distributions backport, so that a version number says little. Nothing
 * is said where its flags fix what it cannot see.
 */
import { fixedHeapFlag } from '../ergonomics/jvm-flags.ts'
import { fixedCpus } from '../ergonomics/jvm-sight.ts'
import { firstWith, hasFeature, type JvmFeature } from '../ergonomics/jvm-version.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { quotaSource } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { limitOf } from './limit.ts'

const RULE = 'jvm.old-version'

const MISSING = {
  containers: 'limits of containers at all',
  cgroup2: 'limits of cgroup v2, which this machine has',
  noControllersNeeded: 'cgroup v2 on a kernel that lists no controllers of v1, as this one',
  ancestors: 'limits on a cgroup above its own, where one sits here',
} as const satisfies Partial<Record<JvmFeature, string>>

type Missing = keyof typeof MISSING

export function judgeOldVersion(jvm: RuntimeProfile): Judgement {
  const { cpuLimitCores, capabilities, version } = jvm
  const memory = limitOf(jvm)
  const flags = jvm.flags ?? []
  const memoryOpen = memory !== undefined && fixedHeapFlag(flags) === undefined
  const cpuOpen = cpuLimitCores !== undefined && fixedCpus(jvm) === undefined
  if (!memoryOpen && !cpuOpen) return FINE
  if (capabilities === undefined && version === undefined)
    return notJudged('neither its library was looked at nor is its version known')
  if (jvm.machineCgroups === undefined)
    return notJudged('which version of cgroups its machine has is not known')
  const above = (memoryOpen && memoryAbove(jvm)) || (cpuOpen && quotaAbove(jvm))
  const missing = needed(jvm, above).filter((feature) => hasFeature(jvm, feature) === false)
  if (missing.length === 0) return FINE
  const target = firstWith(version, missing)
  const { bytes, source } = memory ?? {}
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: capabilities === undefined ? 'inferred' : 'exact',
    summary: `Java ${version ?? 'of unknown version'} does not see ${missing.map((each) => MISSING[each]).join('; nor ')}.`,
    evidence: [
      ...(memoryOpen && bytes !== undefined
        ? [evidence('memory limit', bytes, 'By', source ?? '')]
        : []),
      ...(cpuOpen ? [evidence('CPU quota', cpuLimitCores, '{cpu}', quotaSource(jvm))] : []),
    ],
    fix: `upgrade to ${target} or later`,
    fixValues: {},
  })
}

/** What a build must have to see its limits on this machine. */
function needed(jvm: RuntimeProfile, above: boolean): Missing[] {
  const { machineCgroups, machineControllers } = jvm
  const unlisted =
    machineControllers !== undefined &&
    !['memory', 'cpuset'].every((each) => machineControllers.includes(each))
  return [
    'containers',
    ...(machineCgroups === 'v2' ? (['cgroup2'] as const) : []),
    ...(machineCgroups === 'v2' && unlisted ? (['noControllersNeeded'] as const) : []),
    ...(above ? (['ancestors'] as const) : []),
  ]
}

/** Memory of cgroup v1 is told to every cgroup below, and every version reads that. */
const memoryAbove = (jvm: RuntimeProfile): boolean =>
  jvm.machineCgroups === 'v2' && limitOf(jvm)?.own === false

const quotaAbove = ({ cpuLimitCores, ownCpuLimitCores }: RuntimeProfile): boolean =>
  ownCpuLimitCores !== cpuLimitCores
