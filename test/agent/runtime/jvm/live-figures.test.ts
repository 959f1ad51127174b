/** What real JVMs cost and can do, against the kernel's other files and the JVMs' own counts. */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { needs } from '../../../peers/peers.ts'
import { figure, Javas, javas, openRuntimes, rowOf } from './java.ts'

const missing = needs('java')
const MIB = 1 << 20

/** Resident bytes of compiled code by the file that walks all of a process's memory. */
function codeBytesBySmaps(pid: number): number {
  const smaps = readFileSync(`/proc/${pid}/smaps`, 'latin1')
  const found = smaps.matchAll(/^[0-9a-f]+-[0-9a-f]+ rwxp 0+ 00:00 0 *\n(?:.*\n)*?Rss: +(\d+) kB/gm)
  return [...found].reduce((sum, [, kib]) => sum + Number(kib) * 1024, 0)
}

describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let all: Javas
  beforeAll(() => {
    all = new Javas()
  })
  afterEach(() => all.stop())
  afterAll(() => all.remove())

  const look = (pid: number) => {
    const runtimes = openRuntimes()
    try {
      return rowOf(runtimes.read(Date.now()).rows, pid)
    } finally {
      runtimes.close()
    }
  }

  const collectors = [
    ['-XX:+UseSerialGC', Number.isNaN],
    ['-XX:+UseParallelGC', (threads: number) => threads === 3],
    ['-XX:+UseG1GC', (threads: number) => threads === 3],
    ['-XX:+UseZGC', (threads: number) => threads >= 1],
    ['-XX:+UseShenandoahGC', (threads: number) => threads >= 1],
  ] as const

  describe.each(javas)('%s', (java) => {
    test.each(collectors)('%s: what its threads cost', async (flag, gcThreads) => {
      const flags = [flag, '-Xmx96m', '-XX:ParallelGCThreads=3', '-XX:-UseDynamicNumberOfGCThreads']
      const pid = await all.start(java, flags, { seconds: 1 })
      const row = look(pid)
      const gc = figure(row, 'gc_cpu_seconds')
      expect(gc).toBeGreaterThan(0)
      expect(figure(row, 'jit_cpu_seconds')).toBeGreaterThan(0)
      expect(gc + figure(row, 'jit_cpu_seconds')).toBeLessThanOrEqual(
        figure(row, 'process_cpu_seconds') + 0.1,
      )
      expect(figure(row, 'gc_threads')).toSatisfy(gcThreads)
      expect(figure(row, 'compile_seconds')).toBeGreaterThan(0)
      expect(figure(row, 'stop_seconds')).toBeGreaterThan(0)
      expect(figure(row, 'compiler_threads')).toBeGreaterThanOrEqual(2)
      expect(figure(row, 'believed_memory_bytes')).toBe(96 * MIB)
    })

    test('compiled code in RAM, as smaps has it', async () => {
      const pid = await all.start(java, ['-XX:+UseSerialGC', '-Xmx32m'], { seconds: 0.5 })
      // What was begun to be compiled is compiled.
      for (let before = -1; before !== codeBytesBySmaps(pid);) {
        before = codeBytesBySmaps(pid)
        await wait(500)
      }
      const bytes = figure(look(pid), 'code_resident_bytes')
      expect(bytes).toBe(codeBytesBySmaps(pid))
      expect(bytes).toBeGreaterThan(MIB / 2)
    })
  })

  const CONTAINERS: string[] = ['UseContainerSupport', 'cpu.max']
  const OF_25 = [
    '/sys/fs/cgroup/cgroup.controllers',
    'Adjusting controller path',
    'total_gc_cpu_time',
  ]
  test.each([
    ['java', CONTAINERS] as const,
    ...javas.slice(1).map((java) => [java, [...CONTAINERS, ...OF_25]] as const),
  ])('%s: what its build can do', async (java, expected) => {
    const pid = await all.start(java, ['-XX:+UseSerialGC', '-Xmx32m'])
    const runtimes = openRuntimes()
    onTestFinished(() => runtimes.close())
    const attributes = () => rowOf(runtimes.read(Date.now()).rows, pid).entity.attributes
    expect(attributes()['candor.jvm.counters.filesystem']).toMatch(/^[a-z0-9]+$/)
    // The libraries of other JVMs on this machine may be searched before.
    await expect.poll(() => attributes()['candor.jvm.capabilities']).toBeDefined()
    const capabilities = attributes()['candor.jvm.capabilities']!.split('\n')
    expect(capabilities).toEqual(expect.arrayContaining([...expected]))
  })

  const newest = javas[1]
  test.skipIf(newest === undefined).each(['-XX:+UseParallelGC', '-XX:+UseG1GC'])(
    '%s: CPU of the collector is what the JVM counts itself',
    async (flag) => {
      // Long enough for what the kernel cuts off, two ticks a thread, to be little.
      const pid = await all.start(newest!, [flag, '-Xmx64m', '-Xmn4m'], { seconds: 8 })
      const row = look(pid)
      const reported = figure(row, 'gc_cpu_reported_seconds')
      expect(reported).toBeGreaterThan(1)
      expect(figure(row, 'gc_cpu_seconds') / reported).toBeGreaterThan(0.95)
      expect(figure(row, 'gc_cpu_seconds') / reported).toBeLessThan(1.05)
    },
  )
})
