import { expect, test } from 'vitest'
import { judgeInPieces } from '../../../collector/find/pieces.ts'
import type {
  ContainerFigures,
  Fleet,
  MachineFigures,
  RuntimeFigures,
} from '../../../judge/fleet.ts'
import { judge } from '../../../judge/judge.ts'
import { makeProfiles } from '../../../judge/profiles.ts'
import {
  containerMemory,
  containerNewest,
  figuresBy,
  runtimeNewest,
} from '../../../judge/runtime-columns.ts'

const GIB = 2 ** 30
const NOW = Date.UTC(2026, 10, 1, 12)
const HOSTS = 60

const absent = () => null
const fleet: Fleet = {
  nowMs: NOW,
  machines: Array.from({ length: HOSTS }, (_, i): MachineFigures => ({
    entity: `m${i}`,
    attributes: { 'host.id': `h${i}` },
    firstMs: NOW - 60_000,
    lastMs: NOW,
    samples: 5,
    intervalMs: 15_000,
    // One of them reports no more.
    silenceMs: i === 7 ? -1 : 45_000,
    minutesMs: [],
    cpuCores: 8,
    memoryBytes: 32 * GIB,
    memoryUsedBytes: null,
    swapBytes: 0,
    cpuUsedCores: null,
  })),
  containers: Array.from({ length: HOSTS }, (_, i): ContainerFigures => ({
    entity: `c${i}`,
    hostId: `h${i}`,
    path: '/shop',
    level: 'container',
    memoryLimitCgroup: '/shop',
    firstMs: NOW,
    lastMs: NOW,
    ownCpuCores: 2,
    cpuLimitCores: 2,
    ownMemoryBytes: GIB / 2,
    memoryLimitBytes: GIB / 2,
    newest: figuresBy(containerNewest, absent),
    memory: figuresBy(containerMemory, absent),
  })),
  runtimes: Array.from({ length: HOSTS }, (_, i): RuntimeFigures => ({
    entity: `r${i}`,
    attributes: {
      'host.id': `h${i}`,
      'process.pid': '77',
      'process.runtime.name': 'jvm',
      'candor.cgroup.path': '/shop',
    },
    lastMs: NOW,
    newest: figuresBy(runtimeNewest, (column) =>
      column === 'heap_max_bytes' ? (i % 2 === 0 ? 6 : 0.1) * GIB : null,
    ),
  })),
}

test('a fleet in pieces is judged as it is at once', async () => {
  const mix = { containers: 0 }
  const profiles = makeProfiles(fleet, mix)
  const { runtimes, machines, judged } = await judgeInPieces(fleet, mix)
  expect(runtimes).toEqual(profiles.runtimes)
  expect(runtimes).toHaveLength(HOSTS - 1)
  expect(machines).toEqual(profiles.machines)
  expect(judged).toEqual(judge({ ...profiles, machines: [] }, mix))
  expect(judged.some(({ judgement }) => judgement.kind === 'finding')).toBe(true)
})

test('others have their turn in between', async () => {
  let turns = 0
  let isOver = false
  const other = () => {
    turns += 1
    if (!isOver) setImmediate(other)
  }
  setImmediate(other)
  await judgeInPieces(fleet, { containers: 0 })
  isOver = true
  expect(turns).toBeGreaterThan(1)
})
