/** Figures of one made-up runtime, its cgroups and its machine. */
import type { ContainerFigures, MachineFigures, RuntimeFigures } from '../../judge/fleet.ts'
import {
  containerMemory,
  containerNewest,
  figuresBy,
  runtimeNewest,
} from '../../judge/runtime-columns.ts'

export const now = Date.UTC(2026, 10, 1, 12)

export const machine: MachineFigures = {
  entity: '1',
  attributes: {
    'host.id': 'a',
    'host.name': 'web-1',
    'os.version': '6.12.1',
    'candor.cgroup.mode': 'v2',
    'candor.machine.controllers': 'cpu,memory',
  },
  firstMs: now,
  lastMs: now,
  samples: 1,
  intervalMs: 0,
  silenceMs: 0,
  minutesMs: [],
  cpuCores: 8,
  memoryBytes: 1e10,
  memoryUsedBytes: null,
  swapBytes: 0,
  cpuUsedCores: null,
}

/** The nth column of its list has the value n, so that no two are mistaken for each other. */
export const numbered = (columns: Readonly<Record<string, string>>) => {
  const names = Object.values(columns)
  return (column: string) => names.indexOf(column) + 1
}
export const none = () => null

export const cgroup = (path: string, more: Partial<ContainerFigures> = {}): ContainerFigures => ({
  entity: path,
  hostId: 'a',
  path,
  level: 'container',
  memoryLimitCgroup: path,
  firstMs: now,
  lastMs: now,
  ownCpuCores: null,
  cpuLimitCores: null,
  ownMemoryBytes: null,
  memoryLimitBytes: null,
  newest: figuresBy(containerNewest, none),
  memory: figuresBy(containerMemory, none),
  ...more,
})

export const runtime = (
  pid: number,
  kind: string,
  more: Partial<RuntimeFigures> = {},
  attributes: RuntimeFigures['attributes'] = {},
): RuntimeFigures => ({
  entity: String(pid),
  attributes: {
    'host.id': 'a',
    'process.pid': String(pid),
    'process.creation.time': '2026-11-01T11:59:00Z',
    'process.runtime.name': kind,
    'candor.cgroup.path': '/pod/app',
    ...attributes,
  },
  lastMs: now,
  newest: figuresBy(runtimeNewest, none),
  ...more,
})
