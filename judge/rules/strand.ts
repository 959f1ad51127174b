/**
 * strand.cpu and strand.mem: a resource that is free but that nobody can use, since the other one is
 * full. Full means that less is left than the fleet's median container asks for.
 *
 * Source: stranded resources as in Borg (EuroSys 2015) and Pond (ASPLOS 2023)
 */
import { findingRules } from '../../catalog/finding.ts'
import type { MachineFigures } from '../fleet.ts'
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { MachineProfile, RequestMix } from '../profile.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores, gibibytes } from './words.ts'

/** Both go by the same. */
const {
  fullShare: FULL_SHARE,
  freeShare: FREE_SHARE,
  freeCpus: FREE_CPUS,
  freeMemory: FREE_BYTES,
  mixContainers: MIX_CONTAINERS_MIN,
  coverage: COVERAGE_MIN,
  usedShare: USED_SHARE_LOW,
} = thresholdsOf('strand.cpu')

type StrandRule = 'strand.cpu' | 'strand.mem'

/** One dimension of a machine; two of them face each other. */
interface Dimension {
  readonly name: 'CPU' | 'memory'
  readonly unit: 'By' | '{cpu}'
  readonly print: (value: number) => string
  /** What is free must be at least so much to be worth a finding. */
  readonly least: number
  readonly capacity: number
  readonly allocated: number
  readonly used: number | undefined
  readonly fullShare: number
  readonly median: number
}

export function judgeStrand(rule: StrandRule, machine: MachineProfile, mix: RequestMix): Judgement {
  const { minHistorySeconds } = findingRules[rule]
  if (machine.cpuCores === undefined || machine.memoryBytes === undefined)
    return notJudged('the capacity of the machine is not known')
  if (machine.historySeconds < minHistorySeconds)
    return notJudged(
      `${Math.floor(machine.historySeconds)} s of history, ${minHistorySeconds} s are needed`,
    )
  if (machine.coverage < COVERAGE_MIN)
    return notJudged(
      `${Math.floor(machine.coverage * 100)} % of the samples are there, ${COVERAGE_MIN * 100} % are needed`,
    )
  const { medianCpuCores, medianMemoryBytes } = mix
  if (
    mix.containers < MIX_CONTAINERS_MIN ||
    medianCpuCores === undefined ||
    medianMemoryBytes === undefined
  )
    return notJudged(
      `${mix.containers} containers with a CPU and a memory limit, ${MIX_CONTAINERS_MIN} are needed to know what is typical`,
    )
  const cpu: Dimension = {
    name: 'CPU',
    unit: '{cpu}',
    print: cores,
    least: FREE_CPUS,
    capacity: machine.cpuCores,
    allocated: machine.cpuAllocatedCores,
    used: machine.cpuUsedCores,
    fullShare: machine.cpuFullShare,
    median: medianCpuCores,
  }
  const memory: Dimension = {
    name: 'memory',
    unit: 'By',
    print: gibibytes,
    least: FREE_BYTES,
    capacity: machine.memoryBytes,
    allocated: machine.memoryAllocatedBytes,
    used: machine.memoryUsedBytes,
    fullShare: machine.memoryFullShare,
    median: medianMemoryBytes,
  }
  return rule === 'strand.cpu'
    ? judge(rule, cpu, memory, machine)
    : judge(rule, memory, cpu, machine)
}

/** What the limits of the containers of a machine take of it, or more. */
export interface TakenAtMost {
  readonly cores: number
  readonly bytes: number
}

/**
 * Whether a machine may be found to strand something by what is taken of it at most: one of the two must
 * be full now. Of a machine for which this does not hold the containers need not be known.
 */
export function mayStrand(
  machine: Pick<MachineFigures, 'firstMs' | 'lastMs' | 'cpuCores' | 'memoryBytes'>,
  { cores: taken, bytes }: TakenAtMost = { cores: 0, bytes: 0 },
  { medianCpuCores = 0, medianMemoryBytes = 0 }: RequestMix,
): boolean {
  const { firstMs, lastMs, cpuCores, memoryBytes } = machine
  if (cpuCores === null || memoryBytes === null) return false
  if (lastMs - firstMs < 1_000 * findingRules['strand.cpu'].minHistorySeconds) return false
  return cpuCores - taken < medianCpuCores || memoryBytes - bytes < medianMemoryBytes
}

/** Whether `stranded` is free behind the wall that `wall` makes. */
function judge(
  rule: StrandRule,
  stranded: Dimension,
  wall: Dimension,
  machine: MachineProfile,
): Judgement {
  const free = freeOf(stranded)
  const left = freeOf(wall)
  const wallStands = wall.fullShare >= FULL_SHARE && left < wall.median
  // Where nothing typical fits for either reason the machine is full, and nothing is stranded.
  const usable = free >= stranded.median
  const worth = free >= stranded.least && free >= FREE_SHARE * stranded.capacity
  if (!wallStands || !usable || !worth) return FINE
  const missing = Math.max(wall.median, (free / stranded.median) * wall.median) - left
  const windowSeconds = machine.historySeconds
  const figure = (name: string, value: number, unit: string, source: string): Evidence => ({
    name,
    value,
    unit,
    windowSeconds,
    source,
  })
  return {
    kind: 'finding',
    verdict: {
      rule,
      severity: 'info',
      // A container without a limit may hold any part of what looks free.
      confidence: machine.containersWithoutLimits > 0 ? 'inferred' : 'strong',
      summary: `${stranded.print(free)}${stranded.name === 'memory' ? ' of memory' : ''} unusable, ${wall.name} is the wall (${wall.print(left)} left, typical request ${wall.print(wall.median)}). ${byUse(wall)}`,
      evidence: [
        figure(`free ${stranded.name}`, free, stranded.unit, 'capacity less the limits'),
        figure(`${wall.name} left`, left, wall.unit, 'capacity less the limits'),
        figure(`time with ${wall.name} full`, wall.fullShare, '1', 'share of the samples'),
      ],
      fix: fixOf(stranded, wall, missing),
      fixValues: { stranded: free, missing, typical: wall.median },
    },
  }
}

const freeOf = ({ capacity, allocated }: Dimension): number => Math.max(0, capacity - allocated)

function byUse({ name, print, allocated, capacity, used }: Dimension): string {
  const granted = `By limits ${print(allocated)} of ${print(capacity)} ${name} are taken`
  return used === undefined
    ? `${granted}; its use is not known.`
    : `${granted}, by use ${print(used)}.`
}

function fixOf(stranded: Dimension, wall: Dimension, missing: number): string {
  const { allocated, used } = wall
  if (used !== undefined && used < USED_SHARE_LOW * allocated)
    return `lower the ${wall.name} limits first: ${wall.print(allocated)} are granted, ${wall.print(used)} are used`
  return `move the container with the most ${wall.name} to a machine with ${wall.name} left, or give this shape of machine ${wall.print(missing)} more ${wall.name}: typical requests for the free ${stranded.name} take that much`
}
