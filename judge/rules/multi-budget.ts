/**
 * multi.budget: several runtimes in one cgroup, each of which takes the limit for its own.
 *
 * What they believe, and what JVMs need beside their heaps, must fit the limit together. One of them
 * tells it: the one that believes in the most. What is believed by default alone, such as half of the
 * limit by every process of Node.js, is graver the more of it is held: npm that started a program holds
 * next to nothing.
 */
import type { Severity } from '../../catalog/finding.ts'
import { isByDefault } from '../ergonomics/by-default.ts'
import { memoryOf, nonHeap } from '../ergonomics/jvm-memory.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { Neighbour, RuntimeProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { limitOf } from './limit.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'multi.budget'
const MIB = 1024 ** 2
const { youngSeconds: YOUNG_SECONDS, heldShare: HELD_SHARE } = thresholdsOf(RULE)
/** Shares are of this part of the limit: not all of what they take is managed. */
const SHARED_PART = 0.95
const SHARES_SHOWN = 4

interface Member {
  readonly pid: number
  readonly name: string
  /** Most that it may take for what it manages; absent where it sets itself no bound. */
  readonly managedBytes: number | undefined
  /** Whether nobody has said so. */
  readonly byDefault: boolean
  readonly heldBytes: number | undefined
  /** What it needs beside that, or all that it holds where nothing is managed. */
  readonly besideBytes: number | undefined
}

export function judgeMultiBudget(profile: RuntimeProfile): Judgement {
  const limit = limitOf(profile)
  const { neighbours = [] } = profile
  if (limit === undefined || neighbours.length === 0 || !isSettled(profile)) return FINE
  const self = ownMember(profile)
  const members = [
    self,
    ...neighbours.filter(isSettled).map((each) => memberOf(each, profile.machineCpus)),
  ]
  const managing = members.filter(({ managedBytes }) => managedBytes !== undefined)
  const [speaker] = managing.toSorted(byNeed)
  if (managing.length < 2 || speaker !== self) return FINE
  const managed = sum(members.map(({ managedBytes }) => managedBytes))
  const all = managed + sum(members.map(({ besideBytes }) => besideBytes))
  if (all <= limit.bytes)
    return members.every(isKnown)
      ? FINE
      : notJudged('what some of the runtimes in its cgroup hold is not known')
  const believed = evidence('managed by all of them', managed, 'By', 'what each believes')
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const need = evidence('with what they need beside it', Math.round(all), 'By', 'model, or RssAnon')
  return finding({
    rule: RULE,
    ...heapNotFrom(profile),
    severity: severityOf(members, limit.bytes),
    confidence: managed > limit.bytes ? 'strong' : 'inferred',
    summary: `${members.length} runtimes in one cgroup may come to ${mebibytes(all)}, the kernel stops ${limit.source} at ${mebibytes(limit.bytes)}.`,
    believed,
    enforced,
    evidence: [believed, enforced, need],
    ...fixOf(managing, managed, all, limit.bytes),
  })
}

/** What is only so by default counts with what is held of it. */
function severityOf(members: readonly Member[], limitBytes: number): Severity {
  const likely = members.map(({ managedBytes, byDefault, heldBytes, besideBytes = 0 }) =>
    managedBytes !== undefined && byDefault && heldBytes !== undefined
      ? Math.min(managedBytes, heldBytes) + besideBytes
      : (managedBytes ?? 0) + besideBytes,
  )
  if (sum(likely) > limitBytes) return 'high'
  const held = sum(members.map(({ heldBytes, managedBytes }) => heldBytes ?? managedBytes))
  return held > HELD_SHARE * limitBytes ? 'warning' : 'info'
}

function ownMember(profile: RuntimeProfile): Member {
  const { entity, name, runtime, believedMemory, heapMaxBytes, rssAnonBytes } = profile
  const managedBytes = believedMemory?.value ?? heapMaxBytes
  const besideBytes =
    managedBytes === undefined
      ? rssAnonBytes
      : runtime === 'jvm'
        ? memoryOf(nonHeap(profile, 'expected'), managedBytes).nonHeapBytes
        : 0
  const byDefault = believedMemory !== undefined && isByDefault(believedMemory)
  const pid = Number(entity['process.pid'])
  return { pid, name, managedBytes, byDefault, heldBytes: rssAnonBytes, besideBytes }
}

function memberOf(neighbour: Neighbour, machineCpus: number | undefined): Member {
  const { name, runtime, believedMemoryBytes: managedBytes, byDefault = false } = neighbour
  const { rssAnonBytes } = neighbour
  const inputs = { ...(machineCpus !== undefined && { machineCpus }) }
  const besideBytes =
    managedBytes === undefined
      ? rssAnonBytes
      : runtime === 'jvm'
        ? memoryOf(nonHeap({ ...inputs, heapMaxBytes: managedBytes }, 'expected'), managedBytes)
            .nonHeapBytes
        : 0
  const pid = Number(neighbour.pid)
  return { pid, name, managedBytes, byDefault, heldBytes: rssAnonBytes, besideBytes }
}

const isSettled = ({ ageSeconds }: Pick<Neighbour, 'ageSeconds'>): boolean =>
  ageSeconds === undefined || ageSeconds >= YOUNG_SECONDS

const isKnown = ({ besideBytes }: Member): boolean => besideBytes !== undefined

const byNeed = (a: Member, b: Member): number =>
  (b.managedBytes ?? 0) - (a.managedBytes ?? 0) || a.pid - b.pid

const sum = (all: readonly (number | undefined)[]): number =>
  all.reduce<number>((total, each) => total + (each ?? 0), 0)

/** What is left of the limit, by what each believes in now. */
function fixOf(managing: readonly Member[], managed: number, all: number, limitBytes: number): Fix {
  const limitWanted = Math.ceil(all / SHARED_PART / MIB) * MIB
  const raise = `raise the limit to ${mebibytes(limitWanted)}`
  const room = SHARED_PART * limitBytes - (all - managed)
  if (room <= 0)
    return {
      fix: `${raise}: what they need beside what they manage leaves nothing`,
      fixValues: { memoryLimitBytes: limitWanted },
    }
  const shares = managing
    .toSorted(byNeed)
    .map(({ name, managedBytes = 0 }) => ({ name, bytes: (room * managedBytes) / managed }))
  const shown = shares
    .slice(0, SHARES_SHOWN)
    .map(({ name, bytes }) => `${name} ${Math.floor(bytes / MIB)} MiB`)
  const more = shares.length > SHARES_SHOWN ? `, and ${shares.length - SHARES_SHOWN} more` : ''
  return {
    fix: `divide it: ${shown.join(', ')}${more}; or ${raise}`,
    fixValues: {
      ownBytes: Math.floor((shares[0]?.bytes ?? 0) / MIB) * MIB,
      memoryLimitBytes: limitWanted,
    },
  }
}
