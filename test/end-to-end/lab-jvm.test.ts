/**
 * Real JVMs in the quotas of the lab, side by side, through one `candor check`: what must be found and
 * what must not. Those of 8, with shares and without container support, run on recorded counters in
 * test/judge/rules/lab-jvm.test.ts, as no JVM of 8 is at hand.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentPass } from '../../agent/pass.ts'
import { type Earlier, rememberPass } from '../../command/fleet-of-passes.ts'
import { judgePasses, type Picture } from '../../command/picture.ts'
import { needs } from '../peers/peers.ts'
import { runCandor } from './candor.ts'
import { foundOf, GIB, javaOf, Lab, MIB, openSampler } from './lab.ts'

const java17 = javaOf(17)
const java25 = javaOf(25)
const HISTORY = /s of history/
const TOLD = ['-XX:+UseG1GC', '-XX:ActiveProcessorCount=8', '-Xmx768m']
const without = [java17 === undefined && '17', java25 === undefined && '25'].filter(Boolean)
const missing =
  needs('java', 'root', 'cgroup') ??
  (without.length > 0 ? `no JVM of ${without.join()}` : undefined)

describe.skipIf(missing !== undefined)(
  `JVMs of 17 and 25 in their quotas${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let lab: Lab | undefined
    const pids: Record<string, number> = {}
    let picture: Picture
    /** Of the agent that was there when they started. */
    let followed: AgentPass
    let before: Earlier
    let zgcMemory: string

    beforeAll(async () => {
      lab = new Lab()
      const { cgroup, start } = lab
      const rest = ['rest', 10] as const
      const inHalf = cgroup().limitCpu(0.5)
      const limited = (bytes: number) => cgroup().limitMemory(bytes)
      const [zgc, fit, far] = [
        limited(GIB),
        limited(2 * GIB).limitCpu(2),
        limited(2 * GIB).limitCpu(2),
      ] as const
      const ofShenandoah = ['-XX:+UseShenandoahGC', '-Xmx768m']
      const started = {
        told: start(limited(512 * MIB).limitCpu(1), java17!, TOLD, ...rest),
        byDefault: start(limited(4 * GIB).limitCpu(0.5), java17!, [], ...rest),
        zgc: start(zgc, java25!, ['-XX:+UseZGC', '-Xmx512m'], 'rest', 300),
        shenandoah: start(limited(GIB).limitCpu(1), java25!, ofShenandoah, ...rest),
        below17: start(cgroup(inHalf), java17!, [], ...rest),
        below25: start(cgroup(inHalf), java25!, [], ...rest),
        shrunkToFit: start(fit, java17!, [], ...rest),
        shrunkTooFar: start(far, java17!, [], ...rest),
      }
      for (const [name, pid] of Object.entries(started)) pids[name] = await pid
      const sampler = openSampler()
      try {
        before = rememberPass(sampler.pass(Date.now()))
        fit.limitMemory(GIB)
        far.limitMemory(600 * MIB)
        const { stdout } = await runCandor(['check', '--format=json'])
        picture = JSON.parse(stdout) as Picture
        followed = sampler.pass(Date.now())
      } finally {
        sampler.close()
      }
      zgcMemory = readFileSync(`${zgc.directory('memory')}/memory.stat`, 'utf8')
    })
    afterAll(() => lab?.remove())

    const found = (name: string) => foundOf(picture.findings, pids[name]!)
    /** Why rules that ask for no history did not judge. */
    const unjudged = (name: string) =>
      picture.notJudged.filter(
        (each) => each.name.startsWith(`pid ${pids[name]!} `) && !HISTORY.test(each.reason),
      )
    const runtime = (name: string) => picture.runtimes.find(({ pid }) => pid === pids[name])

    test('17 that was told of 8 CPUs and 768 MiB, in one CPU and 512 MiB', () => {
      expect(found('told')).toEqual({
        'jvm.heap-exceeds-limit': 'critical',
        'jvm.heap-plus-nonheap-exceeds-limit': 'critical',
        'jvm.cpu-count-exceeds-quota': 'high',
        // At rest few of them were made.
        'jvm.gc-threads-exceed-quota': 'info',
      })
    })

    test('17 by default in 4 GiB and half a CPU: nothing', () => {
      expect(runtime('byDefault')).toMatchObject({ collector: 'Serial', heapMaxBytes: GIB })
      expect(found('byDefault')).toEqual({})
      expect(unjudged('byDefault')).toEqual([])
    })

    test('25 with ZGC, whose heap is shared memory: nothing', () => {
      const bytes = (name: string) =>
        Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(zgcMemory)![1])
      expect(bytes('shmem')).toBeGreaterThan(300 * MIB)
      expect(runtime('zgc')).toMatchObject({ collector: 'ZGC', heapMaxBytes: 512 * MIB })
      expect(found('zgc')).toEqual({})
      expect(unjudged('zgc')).toEqual([])
    })

    test('25 with Shenandoah, 768 MiB of 1 GiB: no more than a word', () => {
      expect(runtime('shenandoah')).toMatchObject({ collector: 'Shenandoah' })
      expect(found('shenandoah')).toEqual({ 'jvm.heap-plus-nonheap-exceeds-limit': 'info' })
    })

    describe('half a CPU on the cgroup above', () => {
      test('17 does not look there, which is told as the cause', () => {
        expect(found('below17')).toMatchObject({
          'jvm.limit-on-ancestor': 'high',
          'jvm.cpu-count-exceeds-quota': 'high',
          'jvm.old-version': 'warning',
        })
        const [cause] = picture.findings.filter(
          ({ rule, entity }) =>
            rule === 'jvm.limit-on-ancestor' && entity['process.pid'] === String(pids['below17']),
        )
        expect(cause).toMatchObject({
          believed: { value: availableParallelism() },
          enforced: { value: 0.5 },
        })
        expect(cause!.consequences.map(({ rule }) => rule)).toEqual(
          expect.arrayContaining(['jvm.cpu-count-exceeds-quota', 'jvm.old-version']),
        )
      })
      test('25 does: nothing', () => {
        expect(runtime('below25')).toMatchObject({ collector: 'Serial' })
        expect(found('below25')).toEqual({})
      })
    })

    describe('a limit of 2 GiB that was lowered while it ran with 512 MiB of heap', () => {
      const since = (name: string) => foundOf(judgePasses(before, followed).findings, pids[name]!)
      test('to 1 GiB, where it still fits: nothing', () => {
        expect(runtime('shrunkToFit')).toMatchObject({ memoryLimitBytes: GIB })
        expect(found('shrunkToFit')).toEqual({})
        expect(unjudged('shrunkToFit')).toEqual([])
        expect(since('shrunkToFit')).toEqual({})
      })
      test('to 600 MiB, where it does not', () => {
        const expected = { 'jvm.limit-changed-after-start': 'critical' }
        expect(since('shrunkTooFar')).toMatchObject(expected)
        // Without having seen its start, by its heap.
        expect(found('shrunkTooFar')).toMatchObject(expected)
      })
    })
  },
)
