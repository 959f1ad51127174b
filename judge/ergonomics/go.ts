/**
 * GOMAXPROCS as a Go program has it: the CPUs that its goroutines and its collector run on at once.
 *
 * Source: runtime of Go 1.25 (container-aware GOMAXPROCS) and before; go.uber.org/automaxprocs.
 *         Tried: a program built by 1.26 with `go 1.19` in go.mod carries containermaxprocs=0
 * Units:  CPUs
 */
import { CUT } from '../../catalog/entity.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'

const AUTO_MAX_PROCS = 'go.uber.org/automaxprocs'
export const AUTO_MEM_LIMIT = 'github.com/KimMachineGun/automemlimit'
/** From here on the runtime looks at the quota itself. */
const AWARE_SINCE = 25
const SWITCH = /(?:^|,)containermaxprocs=([^,]*)/g

/** 26 of `1.26.4`; undefined for a build of no release. */
export const goMinor = (version: string | undefined): number | undefined => {
  const minor = /^1\.(\d{1,3})/.exec(version ?? '')?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/** Whether the runtime follows the quota; undefined where that cannot be told. */
export function isQuotaAware({ version, build, environment }: RuntimeProfile): boolean | undefined {
  const minor = goMinor(version)
  if (minor === undefined) return undefined
  if (minor < AWARE_SINCE) return false
  // The variable comes after what was built in, and the last one counts.
  const switches = [build?.['DefaultGODEBUG'], environment?.['GODEBUG']].flatMap((text) => [
    ...(text ?? '').matchAll(SWITCH),
  ])
  if (switches.at(-1)?.[1] === '0') return false
  return build === undefined || environment === undefined ? undefined : true
}

/** Undefined where it cannot be told. It looks at its own cgroup, and not at those above. */
export function goCpus(profile: RuntimeProfile): Believed | undefined {
  const { environment, build, affinityCpus, ownCpuLimitCores: quota } = profile
  if (environment === undefined) return undefined
  const set = environment['GOMAXPROCS'] ?? ''
  if (/^\+?[1-9]\d{0,5}$/.test(set)) return exactly(Number(set))
  // Where variables were cut off, none is known to be unset.
  if (CUT in environment) return undefined
  if (affinityCpus === undefined) return undefined
  const aware = isQuotaAware(profile)
  if (aware === undefined) return undefined
  // Modules are known when the main one is; a program that was built without them may hold any.
  if (build?.[AUTO_MAX_PROCS] !== undefined)
    return strongly(
      quota === undefined ? affinityCpus : Math.max(1, Math.floor(quota)),
      'automaxprocs',
    )
  if (aware)
    return strongly(
      quota === undefined ? affinityCpus : Math.min(affinityCpus, Math.max(2, Math.ceil(quota))),
      'Go since 1.25: quota of its cgroup, 2 or more',
    )
  return build?.['mod'] === undefined
    ? undefined
    : strongly(affinityCpus, 'Go without container support: CPUs that it may run on')
}

const exactly = (value: number): Believed => ({ value, confidence: 'exact', source: 'GOMAXPROCS' })
const strongly = (value: number, source: string): Believed => ({
  value,
  confidence: 'strong',
  source,
})
