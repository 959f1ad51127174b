/**
 * Machines of the last hour. Whether each reports is asked at every evaluation; its size, its interval
 * and what it is change seldom and are asked again at a pace, but for one that is new: then at once,
 * until its interval is known.
 */
import { findingPaces, isDue } from '../../catalog/finding-pace.ts'
import { limits } from '../../catalog/limit.ts'
import { type MachineFigures, RECENT_MS, WINDOW_MS } from '../../judge/fleet.ts'
import type { Ask } from './asking.ts'
import { inNewest, known, ms, since } from './sql.ts'

/** The first and the last sample within an hour are never an hour apart: look back a little more. */
const SLACK_MS = 120_000
export const MACHINE_MS = WINDOW_MS + SLACK_MS

/** With fewer samples its interval is not known for sure. */
const SAMPLES = 3
/** When more are new, all are asked for. */
const NEW_MOST = 1_000

/** What profiles are made of; an agent tells more. */
const ATTRIBUTES = [
  'host.id',
  'host.name',
  'os.version',
  'candor.cgroup.mode',
  'candor.machine.controllers',
]

/** Rows of one machine and time that are not merged yet count once. */
const machines = (where: string) => `
SELECT toString(entity) AS entity,
  mapFilter((name, value) -> name IN (${ATTRIBUTES.map((name) => `'${name}'`).join(', ')}), attributes)
    AS attributes,
  toFloat64(times[1]) AS firstMs, toFloat64(times[-1]) AS lastMs, toFloat64(length(times)) AS samples,
  toFloat64(if(length(times) < 2, 0,
    arrayReduce('quantileExact(0.5)', arrayPopFront(arrayDifference(times))))) AS intervalMs,
  greatest(${limits.entityFreshMs.value}., 3 * intervalMs) AS silenceMs,
  cpuCores, memoryBytes, swapBytes
FROM (
  SELECT entity, arraySort(groupUniqArray(toUnixTimestamp64Milli(ts))) AS times,
    ${inNewest('cpu_cores')} AS cpuCores,
    ${inNewest('memory_mem_total_bytes')} AS memoryBytes,
    ${inNewest('memory_swap_total_bytes')} AS swapBytes
  FROM machine
  WHERE ${since('from')}${where}
  GROUP BY entity
) AS figures
INNER JOIN (${known('machine', 'attributes')}${where}) AS known USING entity`

const ALL = machines('')
const SOME = machines(' AND entity IN {ids:Array(UInt64)}')

const PRESENT = `
SELECT toString(entity) AS entity, ${ms('max(ts)')} AS lastMs
FROM machine
WHERE ${since('from')}
GROUP BY entity`

/** Without what only machines that are full are asked for. */
export type MachineNow = Omit<MachineFigures, 'minutesMs' | 'memoryUsedBytes' | 'cpuUsedCores'>

/** For rules about runtimes: how a machine is used is nothing to them. */
export const withoutUse = (machine: MachineNow): MachineFigures => ({
  ...machine,
  minutesMs: [],
  memoryUsedBytes: null,
  cpuUsedCores: null,
})

/** The longest silence after which one of them counts as gone. */
export const longestSilence = (all: Iterable<MachineNow>): number => {
  let longest: number = limits.entityFreshMs.value
  for (const { silenceMs } of all) longest = Math.max(longest, silenceMs)
  return longest
}

export class Machines {
  #known = new Map<string, MachineNow>()
  #askedMs = Number.NEGATIVE_INFINITY

  /** Those of the last hour; without further times of one whose interval is longer than that. */
  async read(ask: Ask, nowMs: number): Promise<readonly MachineNow[]> {
    if (isDue(findingPaces.machines, this.#known.size, this.#askedMs, nowMs)) {
      return this.#readAll(ask, nowMs)
    }
    const present = await ask<Pick<MachineNow, 'entity' | 'lastMs'>>(
      PRESENT,
      Math.max(RECENT_MS, longestSilence(this.#known.values())),
    )
    const news = present.filter(({ entity }) => !this.#isSettled(entity))
    if (news.length > NEW_MOST) return this.#readAll(ask, nowMs)
    if (news.length > 0) {
      const ids = news.map(({ entity }) => BigInt(entity))
      this.#remember(await ask<MachineNow>(SOME, MACHINE_MS, { ids }))
    }
    for (const { entity, lastMs } of present) {
      const machine = this.#known.get(entity)
      if (machine !== undefined) this.#known.set(entity, { ...machine, lastMs })
    }
    return [...this.#known.values()]
  }

  async #readAll(ask: Ask, nowMs: number): Promise<readonly MachineNow[]> {
    const all = await ask<MachineNow>(ALL, MACHINE_MS)
    this.#known.clear()
    this.#remember(all)
    this.#askedMs = nowMs
    return all
  }

  #remember(machines: readonly MachineNow[]): void {
    for (const machine of machines) this.#known.set(machine.entity, machine)
  }

  #isSettled(entity: string): boolean {
    return (this.#known.get(entity)?.samples ?? 0) >= SAMPLES
  }
}
