/** The first and the last of a few passes of this machine, as the fleet that rules are asked about. */
import type { AgentPass } from '../agent/pass.ts'
import { entities } from '../catalog/entity.ts'
import type { Table } from '../catalog/metric.ts'
import { columnOf } from '../catalog/tables.ts'
import { container } from '../catalog/tables/container.ts'
import { machine } from '../catalog/tables/machine.ts'
import { runtime } from '../catalog/tables/runtime.ts'
import type { ContainerFigures, Fleet, Grown, RuntimeFigures } from '../judge/fleet.ts'
import {
  containerGrowth,
  containerMemory,
  containerNewest,
  figuresBy,
  runtimeGrowth,
  runtimeNewest,
} from '../judge/runtime-columns.ts'
import type { Row } from '../wire/sample.ts'

/** What has to be kept of an earlier pass, since its rows are overwritten by the next one. */
export interface Earlier {
  readonly timeMs: number
  /** Values of its containers and runtimes, by their identity. */
  readonly values: ReadonlyMap<string, Row['values']>
}

export const containerColumn = reader(container)
export const machineColumn = reader(machine)
export const runtimeColumn = reader(runtime)

type ReadColumn = (row: Pick<Row, 'values'>, column: string) => number | undefined

/** Reads one column of a row; undefined where it is absent. */
function reader(table: Table): ReadColumn {
  const cache = new Map<string, number>()
  return (row, column) => {
    let index = cache.get(column)
    if (index === undefined) cache.set(column, (index = columnOf(table, column)))
    const value = row.values[index]
    return value === undefined || Number.isNaN(value) ? undefined : value
  }
}

export const rowsOf = (pass: AgentPass, table: string): Row[] =>
  pass.rows.filter((row) => row.table.name === table)

const keyOf = ({ entity }: Pick<Row, 'entity'>): string =>
  [
    entity.kind,
    ...entities[entity.kind].identity.map((name) => entity.attributes[name] ?? ''),
  ].join('\0')

export const rememberPass = (pass: AgentPass): Earlier => ({
  timeMs: pass.timeMs,
  values: new Map(
    [...rowsOf(pass, 'container'), ...rowsOf(pass, 'runtime')].map((row) => [
      keyOf(row),
      row.values.slice(),
    ]),
  ),
})

/** What a counter grew by since the earlier pass; undefined where it began anew or was not there. */
export function grownSince(
  earlier: Earlier,
  row: Row,
  read: ReadColumn,
): (column: string) => number | undefined {
  const values = earlier.values.get(keyOf(row))
  return (column) => {
    const before = values && read({ values }, column)
    const now = read(row, column)
    return before === undefined || now === undefined || now < before ? undefined : now - before
  }
}

/** A number as the store would answer with it: null where it is absent. */
const orNull = (value: number | undefined): number | null => value ?? null

/** This machine alone as a fleet, so that the same code makes profiles here and in a collector. */
export function fleetOf(earlier: Earlier, pass: AgentPass): Fleet {
  const cgroups = Object.fromEntries(
    rowsOf(pass, 'container').map((row) => [
      row.entity.attributes['candor.cgroup.path'] ?? '',
      figuresBy(containerGrowth, grownSince(earlier, row, containerColumn)),
    ]),
  )
  return {
    nowMs: pass.timeMs,
    machines: rowsOf(pass, 'machine')
      .slice(0, 1)
      .map((row) => machineFigures(row, earlier, pass)),
    containers: rowsOf(pass, 'container').map((row) => containerFigures(row, earlier, pass)),
    runtimes: rowsOf(pass, 'runtime').map((row) => runtimeFigures(row, earlier, pass, cgroups)),
    unread: rowsOf(pass, 'machine')
      .slice(0, 1)
      .flatMap((row) =>
        pass.unread
          .filter(({ kind }) => kind === 'runtime')
          .map(({ reason, count }) => ({ entity: keyOf(row), reason, count })),
      ),
  }
}

function machineFigures(row: Row, earlier: Earlier, pass: AgentPass): Fleet['machines'][number] {
  const memory = machineColumn(row, 'memory_mem_total_bytes')
  const available = machineColumn(row, 'memory_mem_available_bytes')
  return {
    firstMs: earlier.timeMs,
    lastMs: pass.timeMs,
    entity: keyOf(row),
    attributes: row.entity.attributes,
    samples: 2,
    intervalMs: pass.timeMs - earlier.timeMs,
    silenceMs: Number.POSITIVE_INFINITY,
    minutesMs: [],
    cpuCores: orNull(machineColumn(row, 'cpu_cores')),
    memoryBytes: orNull(memory),
    memoryUsedBytes: memory === undefined || available === undefined ? null : memory - available,
    swapBytes: orNull(machineColumn(row, 'memory_swap_total_bytes')),
    cpuUsedCores: null,
  }
}

function containerFigures(row: Row, earlier: Earlier, pass: AgentPass): ContainerFigures {
  const { attributes } = row.entity
  const read = (column: string) => containerColumn(row, column)
  const quota = read('cpu_quota')
  const period = read('cpu_period')
  return {
    firstMs: earlier.timeMs,
    lastMs: pass.timeMs,
    entity: keyOf(row),
    hostId: attributes['host.id'] ?? '',
    path: attributes['candor.cgroup.path'] ?? '',
    level: attributes['candor.cgroup.level'] ?? '',
    memoryLimitCgroup: attributes['candor.memory.limit.cgroup'] ?? '',
    ownCpuCores: quota === undefined || period === undefined ? null : quota / period,
    cpuLimitCores: orNull(read('cpu_limit_effective_cores')),
    ownMemoryBytes: orNull(read('memory_limit_bytes')),
    memoryLimitBytes: orNull(read('memory_limit_effective_bytes')),
    newest: figuresBy(containerNewest, read),
    memory: figuresBy(containerMemory, read),
  }
}

function runtimeFigures(
  row: Row,
  earlier: Earlier,
  pass: AgentPass,
  cgroups: Grown['cgroups'],
): RuntimeFigures {
  const seconds = (pass.timeMs - earlier.timeMs) / 1000
  const figures = figuresBy(runtimeGrowth, grownSince(earlier, row, runtimeColumn))
  return {
    entity: keyOf(row),
    attributes: row.entity.attributes,
    lastMs: pass.timeMs,
    newest: figuresBy(runtimeNewest, (column) => runtimeColumn(row, column)),
    ...(earlier.values.has(keyOf(row)) && { grown: { seconds, figures, cgroups } }),
  }
}
