/** JVMs as the rules about CPU are given them: one that is well, and the recorded ones. */
import { factsOf, figuresOf } from '../../../agent/runtime/jvm/jvm.ts'
import type { FindingRuleId } from '../../../catalog/finding.ts'
import type { Judgement, Verdict } from '../../../judge/finding.ts'
import type { Believed, Recent, RuntimeProfile } from '../../../judge/profile.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { fixtureCounters } from '../../agent/runtime/jvm/fixtures.ts'

export const MIB = 1024 ** 2
export const GIB = 1024 * MIB

const exactly = (value: number): Believed => ({
  value,
  confidence: 'exact',
  source: '-XX:ActiveProcessorCount',
})

export const believes = (value: number): { readonly believedCpus: Believed } => ({
  believedCpus: exactly(value),
})

/** Ten quiet minutes. */
export const calm: Recent = {
  seconds: 600,
  cpuSeconds: 300,
  gcCpuSeconds: 3,
  jitCpuSeconds: 1,
  stopSeconds: 3,
  safepointSeconds: 4,
  fullCollections: 0,
  allocationStalls: 0,
  periods: 6000,
  throttledPeriods: 0,
  throttledSeconds: 0,
  cgroupCpuSeconds: 300,
}

/** A JVM on 8 CPUs with a quota of 2, which it knows, and nothing to complain about. */
export const well: RuntimeProfile = {
  kind: 'runtime',
  runtime: 'jvm',
  entity: { 'host.id': 'cafe', 'process.pid': '42', 'process.creation.time': '2026-11-21' },
  name: 'pid 42 (Main)',
  machine: 'tower',
  version: '17.0.21',
  description: 'OpenJDK 64-Bit Server VM (Debian, mixed mode, sharing)',
  ageSeconds: 86_400,
  collector: 'G1',
  heapMaxBytes: GIB,
  flags: ['-Xmx1g', '-XX:+UseG1GC'],
  affinityCpus: 8,
  believedCpus: { value: 2, confidence: 'strong', source: 'sun.ci.threads' },
  cgroup: '/c',
  memoryLimitBytes: 2 * GIB,
  memoryLimitCgroup: '/c',
  ownMemoryLimitBytes: 2 * GIB,
  cpuLimitCores: 2,
  ownCpuLimitCores: 2,
  machineMemoryBytes: 64 * GIB,
  machineCpus: 8,
  machineCgroups: 'v2',
  jvmsInCgroup: 1,
  recent: calm,
}

export const judgementOf = (rule: FindingRuleId, jvm: RuntimeProfile): Judgement =>
  judgeRuntime(jvm).get(rule)!

export function verdictOf(rule: FindingRuleId, jvm: RuntimeProfile): Verdict {
  const judgement = judgementOf(rule, jvm)
  if (judgement.kind !== 'finding') throw new Error(`no finding but ${JSON.stringify(judgement)}`)
  return judgement.verdict
}

/** `high` of a finding, else `fine` or `not-judged`. */
export function answerOf(rule: FindingRuleId, jvm: RuntimeProfile): string {
  const judgement = judgementOf(rule, jvm)
  return judgement.kind === 'finding' ? judgement.verdict.severity : judgement.kind
}

/** A quota of its own cgroup. */
export const quota = (cores: number): Partial<RuntimeProfile> => ({
  cpuLimitCores: cores,
  ownCpuLimitCores: cores,
})

export const seen = (change: Partial<Recent>): { readonly recent: Recent } => ({
  recent: { ...calm, ...change },
})

/** Stopped in this share of the periods. */
export const stopped = (share: number): Partial<Recent> => ({
  periods: 6000,
  throttledPeriods: 6000 * share,
})

/** A recorded JVM on the machine it was recorded on; see test/fixtures/hsperfdata/README.md. */
export function recorded(fixture: string, change: Partial<RuntimeProfile>): RuntimeProfile {
  const counters = fixtureCounters(fixture)
  const facts = factsOf(counters)
  const figures = figuresOf(counters, facts)
  const known = Object.entries({
    collector: facts.collector,
    version: facts.version,
    description: facts.description,
    flags: facts.flags,
    heapMaxBytes: figures.heapMaxBytes,
    heapCommittedBytes: figures.heapCommittedBytes,
    metaspaceCommittedBytes: figures.metaspaceCommittedBytes,
    classes: figures.classes,
  }).filter(([, value]) => value !== undefined)
  return {
    kind: 'runtime',
    runtime: 'jvm',
    entity: well.entity,
    name: fixture,
    machine: 'tower',
    ageSeconds: 600,
    cgroup: '/c',
    memoryLimitCgroup: '/c',
    affinityCpus: 2,
    machineMemoryBytes: 24_152 * MIB,
    machineCpus: 2,
    machineCgroups: 'v1',
    jvmsInCgroup: 1,
    ...Object.fromEntries(known),
    ...change,
  }
}
