/**
 * Schedulers that BEAM runs at once, by its release and the cgroups of the machine.
 *
 * Source: erl(1) +S; OTP 23 reads a quota of cgroup v1, 24 of v2; up to 26.2.4 (erts 14.2.4) on v2 that
 *         of the root cgroup (erlang/otp pull request 8259); a quota is rounded down. Not all of it
 *         could be tried, so that it is inferred.
 */
import type { Believed, RuntimeProfile } from '../profile.ts'

const READS_V1_SINCE = 23
const READS_V2_SINCE = 24
/** Of erts, since when v2 is read in the cgroup of the process. */
const READS_OWN_SINCE = [14, 2, 4] as const

export function beamCpus(profile: RuntimeProfile): Believed | undefined {
  const { version, affinityCpus, ownCpuLimitCores: quota, machineCgroups } = profile
  const release = /^\d{1,2}$/.test(version ?? '') ? Number(version) : undefined
  if (release === undefined || affinityCpus === undefined || profile.arguments === undefined)
    return undefined
  const v1 = machineCgroups === 'v1'
  if (release < (v1 ? READS_V1_SINCE : READS_V2_SINCE))
    return {
      value: affinityCpus,
      confidence: 'strong',
      source: `OTP ${release}: CPUs that it may run on`,
    }
  const reads = v1 || isAtLeast(profile.description, READS_OWN_SINCE)
  if (quota === undefined || reads === undefined) return undefined
  return reads
    ? inferred(
        Math.min(affinityCpus, Math.max(1, Math.floor(quota))),
        `OTP ${release}: quota, rounded down`,
      )
    : inferred(affinityCpus, `OTP ${release} reads the root cgroup: CPUs that it may run on`)
}

const inferred = (value: number, source: string): Believed => ({
  value,
  confidence: 'inferred',
  source,
})

/** Of `erts 13.1.5`; undefined where it does not say. */
function isAtLeast(description: string | undefined, least: readonly number[]): boolean | undefined {
  const text = /^erts (\d{1,3}(?:\.\d{1,4}){0,4})$/.exec(description ?? '')?.[1]
  if (text === undefined) return undefined
  const parts = text.split('.').map(Number)
  for (const [i, want] of least.entries()) {
    const has = parts[i] ?? 0
    if (has !== want) return has > want
  }
  return true
}
