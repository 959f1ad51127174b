/**
 * What a build of HotSpot can see of containers. The literals of its library say it for certain,
 * since distributions backport; where the library was not looked at, its version has to do.
 *
 * Source: catalog/jvm-capability.ts; release notes of JDK-8146115, JDK-8230305, JDK-8281181,
 *         JDK-8322420, JDK-8349988
 */
import type { JvmCapability } from '../../catalog/jvm-capability.ts'
import { majorVersion } from './jvm-flags.ts'

export interface JvmBuild {
  readonly version?: string
  /** Literals that its library holds; absent when it was not looked at. */
  readonly capabilities?: readonly string[]
}

export type JvmFeature =
  | 'containers'
  | 'cgroup2'
  | 'quotaBeforeShares'
  | 'noControllersNeeded'
  | 'ancestors'
  | 'experimentalLimit'

interface Row {
  readonly literal: JvmCapability
  /** Every version from this one on has it, and of those before it the updates below. */
  readonly since: number
  /** First update of a line: `[372]` for 8u372, `[0, 16]` for 11.0.16. */
  readonly updates: Readonly<Record<number, readonly number[]>>
}

const FEATURES: Readonly<Record<JvmFeature, Row>> = {
  /** Looks at the limits of its cgroup. */
  containers: { literal: 'UseContainerSupport', since: 10, updates: { 8: [191] } },
  /** Knows cgroup v2. */
  cgroup2: { literal: 'cpu.max', since: 15, updates: { 8: [372], 11: [0, 16] } },
  /** Takes a quota where both a quota and shares are set, and not the smaller one. */
  quotaBeforeShares: {
    literal: 'PreferContainerQuotaForCPUCount',
    since: 11,
    updates: { 8: [191] },
  },
  /** Finds cgroup v2 on kernels whose /proc/cgroups lists no memory or cpuset. */
  noControllersNeeded: {
    literal: '/sys/fs/cgroup/cgroup.controllers',
    since: 25,
    updates: { 11: [0, 33], 17: [0, 21], 21: [0, 12, 1] },
  },
  /** Looks at limits of the cgroups above its own. */
  ancestors: { literal: 'Adjusting controller path', since: 24, updates: { 21: [0, 13] } },
  /** Has the switch UseCGroupMemoryLimitForHeap. */
  experimentalLimit: {
    literal: 'UseCGroupMemoryLimitForHeap',
    since: Number.POSITIVE_INFINITY,
    updates: { 8: [131], 9: [] },
  },
}

/** Shares stopped counting with these; 8 still counts them. */
const WITHOUT_SHARES: Row = {
  literal: 'UseContainerCpuShares',
  since: 19,
  updates: { 11: [0, 17], 17: [0, 5], 18: [0, 2] },
}

/** Undefined where neither library nor version is known. */
export function hasFeature(build: JvmBuild, feature: JvmFeature): boolean | undefined {
  const row = FEATURES[feature]
  return build.capabilities?.includes(row.literal) ?? reaches(build.version, row)
}

/** Whether CPU shares, or a weight, make its CPU count when no flag says otherwise. */
export function countsShares(build: JvmBuild): boolean | undefined {
  const ignores = reaches(build.version, WITHOUT_SHARES)
  // The switch came with the change of its default, and is gone in 21.
  if (build.capabilities?.includes(WITHOUT_SHARES.literal) === true) return false
  if (build.capabilities === undefined || ignores === undefined)
    return ignores === undefined ? undefined : !ignores
  return (majorVersion(build.version) ?? 0) < WITHOUT_SHARES.since
}

/** Lines that get updates for years, the oldest first. */
const LINES = [8, 11, 17, 21, 25] as const

/** The next version with all of these, as it is written: `8u372`, `17.0.21`, `25`. */
export function firstWith(version: string | undefined, features: readonly JvmFeature[]): string {
  const rows = features.map((feature) => FEATURES[feature])
  const major = majorVersion(version) ?? LINES.at(-1)!
  // A build that lacks what its version should have: its own line does not help.
  const odd = rows.every((row) => reaches(version, row) === true)
  const line = LINES.find(
    (each) =>
      (odd ? each > major : each >= major) &&
      rows.every(({ since, updates }) => each >= since || each in updates),
  )
  if (line === undefined) return String(Math.max(major, ...rows.map(({ since }) => since)))
  const update = rows
    .map(({ since, updates }) => (line >= since ? [] : (updates[line] ?? [])))
    .reduce((most, each) => (atLeast(most, each) ? most : each), [])
  if (line === 8) return `8u${update[0] ?? ''}`
  return [line, ...update].join('.')
}

function reaches(version: string | undefined, { since, updates }: Row): boolean | undefined {
  const major = majorVersion(version)
  if (version === undefined || major === undefined) return undefined
  if (major >= since) return true
  const first = updates[major]
  return first !== undefined && atLeast(updateOf(version), first)
}

/** `1.8.0_504` → 504; `17.0.21` → 0, 21; `21.0.12.1+3` → 0, 12, 1. */
function updateOf(version: string): readonly number[] {
  const old = /^1\.\d+\.\d+(?:_(\d+))?/.exec(version)
  if (old !== null) return [Number(old[1] ?? 0)]
  const parts = /^\d+((?:\.\d+)*)/.exec(version)?.[1] ?? ''
  return parts.split('.').slice(1).map(Number)
}

function atLeast(found: readonly number[], wanted: readonly number[]): boolean {
  for (const [place, least] of wanted.entries()) {
    const part = found[place] ?? 0
    if (part !== least) return part > least
  }
  return true
}
