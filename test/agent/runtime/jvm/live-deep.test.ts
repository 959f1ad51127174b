/** Real JVMs looked into, against what each says of its own flags when it is asked. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Apart } from '../../../../agent/apart/apart.ts'
import { readAddressSpace } from '../../../../agent/runtime/jvm/address-space.ts'
import { WITHOUT_COUNTERS } from '../../../../agent/runtime/jvm/counters-file.ts'
import { DeepLook, WITHOUT_DEEP } from '../../../../agent/runtime/jvm/deep-look.ts'
import type { Runtimes } from '../../../../agent/runtime/runtimes.ts'
import { needs } from '../../../peers/peers.ts'
import { figure, Javas, javas, openRuntimes, rowOf } from './java.ts'

const missing = needs('java') ?? needs('root')
const MIB = 1 << 20
/** A JVM this old has decided all that it decides at its start. */
const LATER_MS = 60_000

/** `bool UseG1GC = true {product} {default}` of jcmd, in our words for origins. */
function askedFlags(java: string, pid: number): Map<string, string> {
  const jcmd = java === 'java' ? 'jcmd' : join(dirname(java), 'jcmd')
  const text = execFileSync(jcmd, [String(pid), 'VM.flags', '-all'], { encoding: 'utf8' })
  const lines = text.matchAll(/^ *\S+ (\w+) += *(\S*) +\{[^}]*\} *\{([^}]*)\}/gm)
  return new Map(
    [...lines].map(([, name = '', value = '', origin = '']) => [
      name,
      `${plain(value)} ${origin.replace(' ', '-')}`,
    ]),
  )
}

/** Fractions without their zeros; whole numbers as HotSpot stores them, also those below zero. */
function plain(value: string): string {
  if (Number.isNaN(Number(value))) return value
  return value.includes('.') ? String(Number(value)) : String(BigInt.asUintN(64, BigInt(value)))
}

describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let all: Javas
  let apart: Apart
  let runtimes: Runtimes
  beforeAll(() => {
    all = new Javas()
  })
  beforeEach(() => {
    apart = new Apart()
    runtimes = openRuntimes(apart)
  })
  afterEach(async () => {
    runtimes.close()
    apart.close()
    await all.stop()
  })
  afterAll(() => all.remove())

  /** Its row once its memory was read, a pass after another, as if it were that old. */
  async function lookedInto(pid: number) {
    for (;;) {
      const row = rowOf(runtimes.read(Date.now() + LATER_MS).rows, pid)
      const flags = row.entity.attributes['candor.jvm.flags.final']
      if (flags !== undefined) return { row, flags: flags.split('\n') }
      await wait(10)
    }
  }

  const settings = [
    ['-XX:+UseSerialGC', '-Xmx64m', '-XX:MaxDirectMemorySize=7m'],
    ['-XX:+UseParallelGC', '-XX:MaxRAMPercentage=12.5', '-Xss512k'],
    ['-XX:+UseG1GC', '-XX:ActiveProcessorCount=6', '-XX:MaxMetaspaceSize=99m', '-Xmx128m'],
    ['-XX:+UseZGC', '-Xmx128m', '-XX:SoftMaxHeapSize=96m'],
    ['-XX:+UseShenandoahGC', '-Xmx128m', '-XX:-UseContainerSupport'],
  ]

  describe.each(javas)('%s', (java) => {
    test.each(settings)('%s %s: every flag is as the JVM says itself', async (...flags) => {
      // Else it says nothing of flags that are experiments.
      const pid = await all.start(java, ['-XX:+UnlockExperimentalVMOptions', ...flags])
      const found = (await lookedInto(pid)).flags
      const asked = askedFlags(java, pid)
      const values = found.map((line) => {
        const [, name = '', value = '', origin = ''] = /^(\w+)=(\S*) (\S+)$/.exec(line)!
        return [name, `${plain(value)} ${origin}`] as const
      })
      expect(found.length).toBeGreaterThan(40)
      expect(Object.fromEntries(values)).toEqual(
        Object.fromEntries(values.map(([name]) => [name, asked.get(name)])),
      )
    })

    test('counters that no file holds are read out of its memory', async () => {
      const pid = await all.start(java, ['-XX:+PerfDisableSharedMem', '-XX:+UseG1GC', '-Xmx64m'])
      expect(runtimes.read(Date.now()).unread.get(WITHOUT_COUNTERS.none)).toBeGreaterThanOrEqual(1)
      await lookedInto(pid)
      const row = () => rowOf(runtimes.read(Date.now() + LATER_MS).rows, pid)
      await expect.poll(() => figure(row(), 'threads')).toBeGreaterThan(1)
      expect(figure(row(), 'heap_max_bytes')).toBe(64 * MIB)
      expect(row().entity.attributes).toMatchObject({
        'candor.jvm.collector': 'G1',
        'candor.jvm.flags': '-XX:+PerfDisableSharedMem -XX:+UseG1GC -Xmx64m',
      })
      expect(JSON.stringify(row().entity)).not.toContain('s3cret')
    })

    test('counters that do not exist: flags say the collector and the heap', async () => {
      const flags = ['-XX:-UsePerfData', '-XX:+UseParallelGC', '-Xmx64m', '-XX:ParallelGCThreads=3']
      const pid = await all.start(java, flags)
      const { row } = await lookedInto(pid)
      expect(row.entity.attributes).toMatchObject({
        'candor.jvm.collector': 'Parallel',
        'candor.runtime.believed.memory.source': 'exact final flag MaxHeapSize',
      })
      expect(figure(row, 'heap_max_bytes')).toBe(64 * MIB)
      expect(figure(row, 'believed_memory_bytes')).toBe(64 * MIB)
      expect(figure(row, 'gc_threads')).toBeGreaterThanOrEqual(1)
      expect(figure(row, 'heap_used_bytes')).toBeNaN()
      // Its threads were set, so that they say nothing of the CPUs.
      expect(figure(row, 'believed_cpus')).toBeNaN()
    })

    test('CPUs that it believed in at its start show in its workers', async () => {
      const pid = await all.start(java, ['-XX:+UseParallelGC', '-Xmx64m'], {
        before: ['taskset', '-c', '0'],
      })
      const { row } = await lookedInto(pid)
      expect(figure(row, 'believed_cpus')).toBe(1)
      expect(row.entity.attributes['candor.runtime.believed.cpus.source']).toMatch(/^strong /)
    })
  })

  test('without being asked to, no memory is read', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'])
    const passive = openRuntimes()
    try {
      for (let pass = 0; pass < 5; pass += 1) {
        const row = rowOf(passive.read(Date.now() + LATER_MS).rows, pid)
        expect(row.entity.attributes).not.toHaveProperty('candor.jvm.flags.final')
        await wait(20)
      }
    } finally {
      passive.close()
    }
  })

  test('a JVM that still starts is not looked into, older ones beside it are', async () => {
    const ask = vi.spyOn(apart, 'ask')
    const askedFor = (pid: number) =>
      ask.mock.calls.some(([, what]) => what.endsWith(`/${pid}/mem`))
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'])
    rowOf(runtimes.read(Date.now()).rows, pid)
    expect(askedFor(pid)).toBe(false)
    rowOf(runtimes.read(Date.now() + LATER_MS).rows, pid)
    expect(askedFor(pid)).toBe(true)
  })

  test('its library is not read: it may have been removed', async () => {
    const copy = join(all.folder, 'copy')
    const java = execFileSync('readlink', ['-f', '/usr/bin/java'], { encoding: 'utf8' })
    const home = dirname(dirname(java))
    mkdirSync(copy)
    for (const part of ['bin', 'lib', 'conf'])
      execFileSync('cp', ['-r', join(home, part), join(copy, part)])
    const pid = await all.start(join(copy, 'bin/java'), ['-XX:+UseSerialGC', '-Xmx32m'])
    rmSync(copy, { recursive: true })
    expect((await lookedInto(pid)).flags).toContain('MaxHeapSize=33554432 command-line')
  })
})

describe('memory that cannot be read', () => {
  const failureOf = async (procfs: string, pid: number, base: number) => {
    const apart = new Apart()
    const look = new DeepLook(apart, procfs, pid, base)
    await expect.poll(() => look.failure).toBeDefined()
    apart.close()
    expect(look.deep).toBeUndefined()
    return look.failure!.reason
  }
  test('a process that is no JVM', async () => {
    const { code } = readAddressSpace('/proc', process.pid)
    expect(await failureOf('/proc', process.pid, code[0]?.from ?? 4096)).toBe(
      WITHOUT_DEEP.malformed,
    )
  })
  test('nothing there', async () => {
    expect(await failureOf('/proc', process.pid, 0x1000)).toBe(WITHOUT_DEEP.malformed)
  })
  test('a process that is gone', async () => {
    expect(await failureOf('/proc', 2 ** 22 + 1, 0x1000)).toBe(WITHOUT_DEEP.failed)
  })
})
