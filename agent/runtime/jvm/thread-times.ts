/**
 * What a JVM's own threads cost: those that collect and those that compile.
 *
 * Pauses tell little of it: a concurrent collector may take half of a process's CPU in pauses of
 * milliseconds. The threads are known by the names that HotSpot gives them; Serial has none and works
 * in the VM thread.
 *
 * Source: /proc/PID/task/TID/stat; names as seen with JDK 8 to 25, cut to 15 bytes by the kernel
 * Units:  seconds of CPU
 *
 * A program may name its threads as it likes. Of those that are numbered one by one only the oldest of
 * a name counts, and only when all with lower numbers are there: HotSpot makes them in that order.
 */
import type { Task } from '../tasks.ts'
import type { Collector } from './jvm.ts'

/** Workers, by the part of the name before the number; those of one group share a pause. */
const WORKERS = ['GC Thread#', 'ZWorker#', 'ZWorkerYoung#', 'ZWorkerOld#'] as const
/** Numbered, and made one by one, but no workers of a pause. */
const HELPERS = ['G1 Conc#', 'G1 Refine#', 'RuntimeWorker#', 'ZUncommitter#'] as const
/** Cut before their number, or with numbers that several groups share. */
const NAMELESS_WORKERS = new Set(['GC task thread#', 'Shenandoah GC T'])
const GANG = /^Gang worker#(\d+)/
const COLLECTING = new Set([
  ...NAMELESS_WORKERS,
  'G1 Concurrent R',
  'G1 Main Concurr',
  'G1 Main Marker',
  'G1 Service',
  'CMS Main Thread',
  'Concurrent Mark',
  'Shenandoah Cont',
  'ZDriver',
  'ZDriverMinor',
  'ZDriverMajor',
  'ZDirector',
  'ZStat',
  'ZUncommitter',
  'ZUnmapper',
])
const COMPILING = /^(?:C[12]|JVMCI) Compiler/
const VM_THREAD = 'VM Thread'

type Work = 'gc' | 'jit' | 'vm'

/** `GC Thread#7` is number 7 of `GC Thread#`; undefined for a thread that is not numbered. */
function numbered(name: string): { readonly group: string; readonly number: number } | undefined {
  const group = [...WORKERS, ...HELPERS].find((each) => name.startsWith(each))
  if (group === undefined) return undefined
  const digits = name.slice(group.length)
  return /^\d{1,4}$/.test(digits) ? { group, number: Number(digits) } : undefined
}

const workOf = (name: string): Work | undefined => {
  if (COLLECTING.has(name) || GANG.test(name)) return 'gc'
  if (COMPILING.test(name)) return 'jit'
  return name === VM_THREAD ? 'vm' : undefined
}

export interface ThreadFigures {
  readonly gcCpuSeconds: number | undefined
  readonly jitCpuSeconds: number | undefined
  readonly gcThreads: number | undefined
}

interface Counted {
  readonly work: Work
  readonly cpuSeconds: number
}

/** One process for as long as it lives. What threads cost that have ended stays counted. */
export class ThreadTimes {
  readonly #seconds: Record<Work, number> = { gc: 0, jit: 0, vm: 0 }
  #threads: ReadonlyMap<number, Counted> = new Map()
  #workers = 0
  #seen: ReadonlySet<Work> = new Set()
  #tasks: readonly Task[] | undefined

  /** The same list as before is not looked at again. */
  look(tasks: readonly Task[]): void {
    if (tasks === this.#tasks) return
    this.#tasks = tasks
    const { groups, rest } = sorted(tasks)
    const threads = new Map<number, Counted>()
    const count = (work: Work, { tid, cpuSeconds }: Task) => threads.set(tid, { work, cpuSeconds })
    for (const task of rest) {
      const work = workOf(task.name)
      if (work !== undefined) count(work, task)
    }
    for (const group of groups.values()) for (const task of group) count('gc', task)
    for (const [tid, { work, cpuSeconds }] of threads) {
      const before = this.#threads.get(tid)?.cpuSeconds ?? 0
      // Less than before is another thread under the same number.
      this.#seconds[work] += cpuSeconds < before ? cpuSeconds : cpuSeconds - before
    }
    this.#threads = threads
    this.#seen = new Set([...this.#seen, ...[...threads.values()].map(({ work }) => work)])
    this.#workers = Math.max(
      ...WORKERS.map((group) => groups.get(group)?.length ?? 0),
      ...[...NAMELESS_WORKERS].map((name) => rest.filter((task) => task.name === name).length),
      new Set(rest.flatMap(({ name }) => GANG.exec(name)?.[1] ?? [])).size,
    )
  }

  /** Absent where no thread of the kind was seen: then its name is one that we do not know. */
  figures(collector: Collector | undefined): ThreadFigures {
    const { gc, jit, vm } = this.#seconds
    const serial = collector === 'Serial' && this.#seen.has('vm')
    return {
      gcCpuSeconds: serial ? vm : this.#seen.has('gc') && collector !== 'Serial' ? gc : undefined,
      jitCpuSeconds: this.#seen.has('jit') ? jit : undefined,
      gcThreads: this.#workers > 0 && collector !== 'Serial' ? this.#workers : undefined,
    }
  }
}

/** Numbered threads by group, from 0 on without a gap, each name once; and all other threads. */
function sorted(tasks: readonly Task[]): {
  readonly groups: ReadonlyMap<string, readonly Task[]>
  readonly rest: readonly Task[]
} {
  const byNumber = new Map<string, Map<number, Task>>()
  const rest: Task[] = []
  for (const task of tasks) {
    const place = numbered(task.name)
    if (place === undefined) {
      rest.push(task)
      continue
    }
    const group = byNumber.get(place.group) ?? new Map<number, Task>()
    byNumber.set(place.group, group)
    // The list is in the order of the numbers that the kernel gave: the oldest comes first.
    if (!group.has(place.number)) group.set(place.number, task)
  }
  const groups = new Map<string, Task[]>()
  for (const [name, group] of byNumber) {
    const unbroken: Task[] = []
    for (let task = group.get(0); task !== undefined; task = group.get(unbroken.length))
      unbroken.push(task)
    groups.set(name, unbroken)
  }
  return { groups, rest }
}
