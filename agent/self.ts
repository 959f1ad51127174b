/** What the agent says of itself, as rows of its machine: on /metrics, and shipped with the passes. */
import type { Table } from '../catalog/metric.ts'
import {
  agentTables,
  machineAgent,
  machineAgentBatches,
  machineAgentBuild,
  machineAgentDropped,
  machineAgentEntities,
  machineAgentPass,
  machineAgentScrapes,
  machineAgentSpoolErrors,
} from '../catalog/tables/machine-agent.ts'
import { columnOf } from '../catalog/tables.ts'
import type { Entity, Pass, Row } from '../wire/sample.ts'
import type { AgentPass } from './pass.ts'
import { KeptRows } from './read/kept-rows.ts'
import { infoOf, rowOf } from './read/row-of.ts'
import type { PushStats } from './ship/push.ts'
import type { ScrapeResult } from './web/handler.ts'

export interface Self {
  readonly version: string
  readonly passes: number
  readonly pass: AgentPass
  readonly scrapes: Readonly<Record<ScrapeResult, number>>
  /** Absent without a web configuration file. */
  readonly webConfig?: { readonly success: number; readonly timeSeconds: number }
  /** Absent when nothing is pushed. */
  readonly push?: PushStats
  /** Nothing but the version is told. */
  readonly quiet?: boolean
}

/** Distinct entities of a pass, by kind; a cgroup that only holds others is no container. */
export function countEntities({ rows }: Pass): Readonly<Record<string, number>> {
  const entities = new Set<Entity>()
  for (const { entity } of rows) entities.add(entity)
  const counts = { machine: 0, container: 0, runtime: 0 }
  for (const { kind, attributes } of entities) {
    if (attributes['candor.cgroup.level'] !== 'group') counts[kind] += 1
  }
  return counts
}

/** Rows that live as long as the machine has its name: their labels and layouts are made once. */
export class SelfRows {
  #machine: Entity | undefined
  #tables: ReadonlyMap<Table, KeptRows> = new Map()

  /** Overwritten by the next call. None where the pass has no machine. */
  of(self: Self): Row[] {
    const machine = self.pass.rows.find(({ entity }) => entity.kind === 'machine')?.entity
    if (machine === undefined) return []
    if (machine !== this.#machine) {
      this.#machine = machine
      this.#tables = new Map(agentTables.map((table) => [table, new KeptRows(table, machine)]))
    }
    for (const rows of this.#tables.values()) rows.begin()
    infoOf(this.#of(machineAgentBuild), self.version, process.version)
    if (self.quiet !== true) this.#tell(self)
    return [...this.#tables.values()].flatMap((rows) => rows.finish())
  }

  #tell({ passes, pass, scrapes, webConfig, push }: Self): void {
    rowOf(this.#of(machineAgentPass))[0] = pass.timeMs / 1000
    const cpu = process.cpuUsage()
    const values = rowOf(this.#of(machineAgent))
    fill(values, {
      passes,
      pass_duration_seconds: pass.durationSeconds,
      open_files: pass.openFiles,
      resident_memory_bytes: process.memoryUsage.rss(),
      cpu_seconds: (cpu.user + cpu.system) / 1e6,
      web_config_success: webConfig?.success,
      web_config_timestamp_seconds: webConfig?.timeSeconds,
    })
    this.#each(machineAgentEntities, countEntities(pass))
    this.#each(machineAgentScrapes, scrapes)
    if (push !== undefined) this.#tellPush(push, values)
  }

  #tellPush(push: PushStats, values: Float64Array): void {
    const { stored, rejected, dropped, spool } = push
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    this.#each(machineAgentBatches, { stored, rejected, dropped: lost })
    this.#each(machineAgentDropped, dropped)
    fill(values, {
      push_rejected_points: push.rejectedPoints,
      push_retries: push.retries,
      push_queue_bytes: push.queueBytes,
    })
    if (spool === undefined) return
    this.#each(machineAgentSpoolErrors, spool.errors)
    fill(values, {
      spool_up: spool.isWritable ? 1 : 0,
      spool_bytes: spool.bytes,
      spool_batches: spool.batches,
      spool_oldest_timestamp_seconds:
        spool.oldestMs === undefined ? undefined : spool.oldestMs / 1000,
      spool_written_batches: spool.written,
      spool_cut_bytes: spool.cutBytes,
    })
  }

  #of(table: Table): KeptRows {
    return this.#tables.get(table)!
  }

  #each(table: Table, values: Readonly<Record<string, number>>): void {
    for (const [key, value] of Object.entries(values)) rowOf(this.#of(table), key)[0] = value
  }
}

/** By columns of machineAgent; what is undefined is absent. */
function fill(values: Float64Array, told: Readonly<Record<string, number | undefined>>): void {
  for (const [column, value = Number.NaN] of Object.entries(told)) {
    values[columnOf(machineAgent, column)] = value
  }
}
