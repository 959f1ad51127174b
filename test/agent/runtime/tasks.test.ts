import { mkdirSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { largestPool, type Pool, readTasks } from '../../../agent/runtime/tasks.ts'
import { FakeProcfs } from './processes.ts'

let procfs: FakeProcfs
beforeEach(() => {
  procfs = new FakeProcfs()
})
afterEach(() => procfs.remove())

test('its own threads', () => {
  const tasks = readTasks('/proc', process.pid)!
  expect(tasks.length).toBeGreaterThan(4)
  const main = tasks.find(({ tid }) => tid === process.pid)
  expect(main!.cpuSeconds).toBeGreaterThan(0)
  expect(largestPool(tasks)!.threads).toBeGreaterThanOrEqual(4)
})

test('a thread that ends meanwhile is left out, a process that does throws', () => {
  procfs.set(42, { tasks: ['a', 'b'] })
  rmSync(`${procfs.path}/42/task/43/stat`)
  expect(readTasks(procfs.path, 42)).toEqual([{ tid: 42, name: 'a', cpuSeconds: 0.11 }])
  expect(() => readTasks(procfs.path, 43)).toThrow('ENOENT')
})

test('threads that cannot be read are unknown, not none', () => {
  procfs.set(42)
  rmSync(`${procfs.path}/42/task/42/stat`)
  mkdirSync(`${procfs.path}/42/task/42/stat`)
  expect(readTasks(procfs.path, 42)).toBeUndefined()
})

describe('the largest pool', () => {
  const f = (names: readonly string[], want: Pool | undefined) =>
    expect(largestPool(names.map((name, tid) => ({ tid, name, cpuSeconds: 0 })))).toEqual(want)
  test.each([
    [[], undefined],
    [['main'], undefined],
    [['main', 'worker-1'], undefined],
    [['main', 'worker-1', 'worker-2'], { name: 'worker-', threads: 2 }],
    [['wrk:worker_0', 'wrk:worker_1', 'a1', 'a2', 'a3'], { name: 'a', threads: 3 }],
    [['1_scheduler', '2_scheduler', 'x'], { name: 'scheduler', threads: 2 }],
    [['tokio', 'tokio', 'x'], { name: 'tokio', threads: 2 }],
  ])('%j', (names, want) => f(names, want))
})
