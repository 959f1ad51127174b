import { describe, expect, test } from 'vitest'
import type { Collector } from '../../../../agent/runtime/jvm/jvm.ts'
import { ThreadTimes } from '../../../../agent/runtime/jvm/thread-times.ts'
import type { Task } from '../../../../agent/runtime/tasks.ts'
import { fixtureText } from './fixtures.ts'

const FIRST_TID = 100
/** Threads of one second each, in the order of their numbers. */
const tasksOf = (...names: readonly string[]): Task[] =>
  names.map((name, i) => ({ tid: FIRST_TID + i, name, cpuSeconds: 1 }))

const figures = (collector: Collector | undefined, ...names: readonly string[]) => {
  const times = new ThreadTimes()
  times.look(tasksOf(...names))
  return times.figures(collector)
}

/** `linux thread names (comm x count)` of a real JVM. */
function recorded(name: string): string[] {
  const [, list = ''] = fixtureText(name, 'truth').split('linux thread names (comm x count):\n')
  return [...list.matchAll(/^ +(\d+) (.+)$/gm)].flatMap(([, count, thread = '']) =>
    Array.from({ length: Number(count) }, () => thread),
  )
}

describe('threads of real JVMs: seconds that collect, seconds that compile, workers', () => {
  test.each([
    ['jdk8-parallel-nocontainer', 'Parallel', 2, 2, 2],
    ['jdk8-default-serial-shares102', 'Serial', 1, 2, undefined],
    ['jdk11-cms', 'CMS', 3, 2, 2],
    ['jdk17-g1-apc8-quota1', 'G1', 10, 2, 5],
    ['jdk17-default-serial-4g-quota0.5', 'Serial', 1, 2, undefined],
    ['jdk21-shenandoah', 'Shenandoah', 2, 2, 1],
    ['jdk25-g1-xms-eq-xmx', 'G1', 6, 2, 2],
    ['jdk25-zgc', 'ZGC', 9, 2, 1],
  ] as const)('%s', (name, collector, gcCpuSeconds, jitCpuSeconds, gcThreads) => {
    const expected = { gcCpuSeconds, jitCpuSeconds, gcThreads }
    expect(figures(collector, ...recorded(name))).toEqual(expected)
  })
})

describe('workers', () => {
  test.each([
    ['G1', ['GC Thread#0', 'GC Thread#1', 'G1 Conc#0', 'G1 Refine#0'], 2],
    ['G1', ['Gang worker#0 (', 'Gang worker#1 (', 'Gang worker#0 ('], 2],
    ['ZGC', ['ZWorker#0', 'ZWorker#1', 'RuntimeWorker#0'], 2],
    ['ZGC', ['ZWorkerYoung#0', 'ZWorkerOld#0', 'ZWorkerOld#1', 'ZDirector'], 2],
    ['Shenandoah', ['Shenandoah GC T', 'Shenandoah GC T', 'Shenandoah Cont'], 2],
    ['Serial', ['VM Thread'], undefined],
    ['G1', ['VM Thread'], undefined],
  ] as const)('%s %j: %s', (collector, names, expected) => {
    expect(figures(collector, ...names).gcThreads).toBe(expected)
  })
})

describe('threads of the program that take the names of the collector', () => {
  test('a second one of the same name does not count', () => {
    const names = ['GC Thread#0', 'GC Thread#1', 'main', 'GC Thread#1', 'GC Thread#0']
    expect(figures('Parallel', ...names)).toMatchObject({ gcCpuSeconds: 2, gcThreads: 2 })
  })
  test('nor one whose number leaves a gap', () => {
    const names = ['GC Thread#0', 'GC Thread#7', 'GC Thread#99999', 'GC Thread#x']
    expect(figures('Parallel', ...names)).toMatchObject({ gcCpuSeconds: 1, gcThreads: 1 })
  })
  test('nor any in a JVM that collects in its VM thread', () => {
    const names = ['VM Thread', 'GC Thread#0']
    expect(figures('Serial', ...names)).toMatchObject({ gcCpuSeconds: 1, gcThreads: undefined })
  })
})

describe('absent is not zero', () => {
  const nothing = { gcCpuSeconds: undefined, jitCpuSeconds: undefined, gcThreads: undefined }
  test.each(['Serial', 'G1', undefined] as const)('no known name: %s', (collector) => {
    expect(figures(collector, 'main', 'pool-1-thread-1')).toEqual(nothing)
  })
  test('a worker that did nothing is zero', () => {
    const times = new ThreadTimes()
    times.look([{ tid: 1, name: 'GC Thread#0', cpuSeconds: 0 }])
    expect(times.figures('G1').gcCpuSeconds).toBe(0)
  })
  test('the VM thread of a JVM whose collector is not known says nothing of collections', () => {
    expect(figures(undefined, 'VM Thread').gcCpuSeconds).toBeUndefined()
  })
})

describe('the counter never goes back', () => {
  const worker = (tid: number, cpuSeconds: number): Task => ({
    tid,
    name: 'GC Thread#0',
    cpuSeconds,
  })
  const gcSeconds = (...looks: readonly (readonly Task[])[]): (number | undefined)[] => {
    const times = new ThreadTimes()
    return looks.map((tasks) => {
      times.look(tasks)
      return times.figures('G1').gcCpuSeconds
    })
  }
  test('it grows by what the thread used', () => {
    expect(gcSeconds([worker(1, 3)], [worker(1, 5)])).toEqual([3, 5])
  })
  test('what an ended thread used stays counted, and its successor adds to it', () => {
    expect(gcSeconds([worker(1, 3)], [], [worker(2, 1)])).toEqual([3, 3, 4])
  })
  test('another thread under the same number begins from 0', () => {
    expect(gcSeconds([worker(1, 3)], [worker(1, 1)])).toEqual([3, 4])
  })
  test('the same list is counted once', () => {
    const tasks = [worker(1, 3)]
    expect(gcSeconds(tasks, tasks)).toEqual([3, 3])
  })
})
