/** Life on a fixture and by a clock of our own: what is told is real, what time it is is not. */
import { chmodSync, mkdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Cgroups } from '../../../agent/cgroup/cgroups.ts'
import { Endings } from '../../../agent/cgroup/endings.ts'
import { Life } from '../../../agent/cgroup/life.ts'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Entity } from '../../../wire/sample.ts'
import { filesOf, folder, present, rowAt, write } from '../fixture.ts'

const machine: Entity = { kind: 'machine', attributes: { 'host.id': 'h', 'host.name': 'n' } }
const CPU = 'cpu_usage_seconds'
const AGES_MS = [25, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A v2 machine; time stands still until `pass` lets it go on. */
function followed(onChange: () => void = () => {}) {
  const root = folder()
  const cgroupfs = `${root}/sys/fs/cgroup`
  write(cgroupfs, { 'cgroup.controllers': 'cpu\n', 'cgroup.stat': 'nr_descendants 0\n' })
  const files = filesOf(root)
  const endings = new Endings(() => machine)
  const cgroups = new Cgroups(files, machine, detectLayout(files), { endings })
  let changes = 0
  const changed = () => {
    changes += 1
    onChange()
  }
  const life = new Life({ cgroups, log: silentLog(), onChange: changed })
  onTestFinished(() => {
    life.close()
    cgroups.close()
  })
  cgroups.read(Date.now())
  const cpu = (name: string, seconds: number) =>
    write(cgroupfs, { [`${name}/cpu.stat`]: `usage_usec ${seconds}000000\n` })
  return {
    cgroupfs,
    cgroups,
    life,
    endings,
    cpu,
    changes: () => changes,
    cpuOf: (path: string) => {
      const row = rowAt(cgroups.rows(), path)
      return row && present(row)[CPU]
    },
    finished: () => endings.finished.rows.map(present)[0],
  }
}

/** What the kernel tells comes in its order: when this has come, so has all before it. */
async function told(): Promise<void> {
  const last = folder()
  const { promise, resolve } = Promise.withResolvers<void>()
  const watcher = watch(last, () => resolve())
  mkdirSync(`${last}/last`)
  await promise
  watcher.close()
}

async function settled(): Promise<void> {
  await told()
  // What came is read in a turn of its own.
  await vi.advanceTimersByTimeAsync(5)
  await vi.advanceTimersByTimeAsync(1)
}

test('a young cgroup is read at growing ages, and then no more before the next pass', async () => {
  const { cpu, cpuOf } = followed()
  cpu('job', 0)
  await settled()
  expect(cpuOf('/job')).toBe(0)
  let ageMs = 0
  const seen: number[] = []
  for (const nextMs of [...AGES_MS, 60_000]) {
    cpu('job', nextMs)
    // An instant before its time, the figure is still that of the read before.
    await vi.advanceTimersByTimeAsync(nextMs - ageMs - 10)
    const early = cpuOf('/job')!
    await vi.advanceTimersByTimeAsync(20)
    ageMs = nextMs + 10
    seen.push(early, cpuOf('/job')!)
  }
  const want = AGES_MS.flatMap((ms, i) => [AGES_MS[i - 1] ?? 0, ms])
  expect(seen).toEqual([...want, 6_400, 6_400])
})

test('it ends between two passes with what was read last', async () => {
  const { cgroupfs, cpu, cpuOf, endings, finished, changes } = followed()
  cpu('job', 3)
  await settled()
  expect(cpuOf('/job')).toBe(3)
  const before = changes()
  const endMs = Date.now()
  cpu('job', 9)
  rmSync(`${cgroupfs}/job`, { recursive: true })
  await settled()
  expect(changes()).toBeGreaterThan(before)
  expect(cpuOf('/job')).toBeUndefined()
  expect(finished()).toMatchObject({ containers: 1, unmeasured: 0, cpu_seconds: 3 })
  const { ended } = endings.take()
  expect(ended.map(({ timeMs, rows }) => [timeMs, present(rows[0]!)[CPU]])).toEqual([[endMs, 3]])
})

test('the end of its last process is told, and read', async () => {
  const { cgroupfs, cpu, cpuOf } = followed()
  write(cgroupfs, { 'job/cgroup.events': 'populated 1\nfrozen 0\n' })
  cpu('job', 1)
  await settled()
  await vi.advanceTimersByTimeAsync(60_000)
  cpu('job', 2)
  writeFileSync(`${cgroupfs}/job/cgroup.events`, 'populated 1\nfrozen 1\n')
  await settled()
  expect(cpuOf('/job')).toBe(1)
  writeFileSync(`${cgroupfs}/job/cgroup.events`, 'populated 0\nfrozen 0\n')
  await told()
  expect(cpuOf('/job')).toBe(2)
  // It is charged for a moment longer.
  cpu('job', 3)
  await vi.advanceTimersByTimeAsync(5)
  expect(cpuOf('/job')).toBe(3)
})

test('what came and went before anyone looked is counted, and was not measured', async () => {
  const { cgroupfs, finished, cgroups, life } = followed()
  for (const name of ['a', 'b', 'b']) {
    mkdirSync(`${cgroupfs}/${name}`)
    rmSync(`${cgroupfs}/${name}`, { recursive: true })
  }
  await settled()
  expect(finished()).toEqual({ containers: 3, unmeasured: 3 })
  cgroups.read(Date.now())
  life.passed(Date.now())
  await settled()
  expect(finished()).toEqual({ containers: 3, unmeasured: 3 })
})

test('the same, told of in two halves', async () => {
  const { cgroupfs, finished } = followed()
  mkdirSync(`${cgroupfs}/a`)
  await told()
  rmSync(`${cgroupfs}/a`, { recursive: true })
  // The clock goes on before the second half is told.
  vi.advanceTimersByTime(5)
  expect(finished()).toBeUndefined()
  await settled()
  expect(finished()).toEqual({ containers: 1, unmeasured: 1 })
})

test('what is done with a change is of the allowance too', async () => {
  let busyMs = 300
  const { cpu, cpuOf, changes } = followed(() => {
    const start = process.threadCpuUsage()
    let spentMs = 0
    while (spentMs < busyMs) {
      const { user, system } = process.threadCpuUsage(start)
      spentMs = (user + system) / 1_000
    }
    busyMs = 0
  })
  cpu('job', 1)
  await settled()
  expect([changes(), cpuOf('/job')]).toEqual([1, undefined])
  await vi.advanceTimersByTimeAsync(4_000)
  expect(cpuOf('/job')).toBe(1)
})

test('a change of the mode of a directory is told with its own name, and nothing below it came', async () => {
  const { cgroupfs, cpu, cpuOf, finished } = followed()
  cpu('job', 1)
  await settled()
  for (const mode of [0o700, 0o755]) chmodSync(`${cgroupfs}/job`, mode)
  await settled()
  expect(finished()).toBeUndefined()
  // One that is named as the one above it is found all the same.
  cpu('job/job', 2)
  await settled()
  expect(cpuOf('/job/job')).toBe(2)
})

test('what a pass has found already is no news', async () => {
  const { cgroupfs, cgroups, life, cpu, finished } = followed()
  cpu('job', 1)
  cgroups.read(Date.now())
  rmSync(`${cgroupfs}/job`, { recursive: true })
  write(cgroupfs, { 'cgroup.stat': 'nr_descendants 1\n' })
  cgroups.read(Date.now())
  life.passed(Date.now())
  await settled()
  expect(finished()).toMatchObject({ containers: 1, unmeasured: 0, cpu_seconds: 1 })
})

test('another under the same path is another, and both are counted', async () => {
  const { cgroupfs, cpu, cpuOf, endings, finished } = followed()
  cpu('job', 5)
  await settled()
  // Kept elsewhere, so that no new directory can have its inode.
  renameSync(`${cgroupfs}/job`, `${cgroupfs}/../before`)
  cpu('job', 1)
  await settled()
  expect(cpuOf('/job')).toBe(1)
  rmSync(`${cgroupfs}/job`, { recursive: true })
  await settled()
  expect(finished()).toMatchObject({ containers: 2, cpu_seconds: 6 })
  const inodes = endings.take().ended.map(({ entity }) => entity.attributes['candor.cgroup.inode'])
  expect(new Set(inodes).size).toBe(2)
})

test('what lies in a group that is removed ends with it', async () => {
  const { cgroupfs, cpu, cpuOf, finished, endings } = followed()
  cpu('pod/one', 1)
  cpu('pod/two', 2)
  await settled()
  await vi.advanceTimersByTimeAsync(30)
  expect([cpuOf('/pod/one'), cpuOf('/pod/two')]).toEqual([1, 2])
  rmSync(`${cgroupfs}/pod`, { recursive: true })
  await settled()
  await vi.advanceTimersByTimeAsync(30)
  expect(finished()).toMatchObject({ containers: 2, cpu_seconds: 3 })
  expect(endings.take().ended).toHaveLength(3)
})
