/**
 * Real JVMs at work in their quotas, side by side: what collecting and files cost them is measured for
 * some seconds, and judged as if it had gone on for as long as rules ask for.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grownSince, rememberPass, rowsOf, runtimeColumn } from '../../command/fleet-of-passes.ts'
import { judgePasses } from '../../command/picture.ts'
import type { FindingRuleId } from '../../catalog/finding.ts'
import type { Judgement } from '../../judge/finding.ts'
import type { Recent, RuntimeProfile } from '../../judge/profile.ts'
import { judgeRuntime } from '../../judge/rules/rules.ts'
import { cgroupVersion, type OwnCgroup } from '../own-cgroup.ts'
import { needs } from '../peers/peers.ts'
import { javaOf, Lab, MIB, OF_THE_MACHINE, openSampler } from './lab.ts'

const java17 = javaOf(17)
const java25 = javaOf(25)
const TMPFS = 0x01021994
const missing =
  needs('java', 'root', 'cgroup') ??
  (java17 === undefined || java25 === undefined ? 'no JVMs of 17 and 25' : undefined)
const inMemory = statfsSync(tmpdir()).type === TMPFS
const IN_MEMORY = inMemory ? 'files are in memory here' : undefined
const why = (reason: string | undefined) => (reason === undefined ? '' : `: ${reason}`)

/** Where cgroups have it: v2, and the tree of v2 beside v1. */
const PRESSURE = ['/sys/fs/cgroup/cgroup.pressure', '/sys/fs/cgroup/unified/cgroup.pressure']

const MEASURED_MS = 8000
const LONG_SECONDS = 600

interface Seen {
  readonly profile: RuntimeProfile
  readonly grown: (column: string) => number | undefined
  readonly judgements: ReadonlyMap<FindingRuleId, Judgement>
}

/** The same for ten minutes, of a JVM that has run for hours. */
function goneOn(profile: RuntimeProfile): RuntimeProfile {
  const recent = profile.recent!
  const factor = LONG_SECONDS / recent.seconds
  const longer = Object.entries(recent).map(([name, value]) => [name, value * factor])
  return { ...profile, ageSeconds: 7200, recent: Object.fromEntries(longer) as Recent }
}

/** By a sampler at either end, since each looks at the CPU time of threads but twice a minute. */
async function measure(pids: readonly number[], atTheEnd = () => {}): Promise<Seen[]> {
  const pass = () => {
    const sampler = openSampler()
    try {
      return sampler.pass(Date.now())
    } finally {
      sampler.close()
    }
  }
  const earlier = rememberPass(pass())
  await wait(MEASURED_MS)
  atTheEnd()
  const latest = pass()
  const { profiles } = judgePasses(earlier, latest)
  return pids.map((pid) => {
    const isIt = (attributes: Readonly<Record<string, string>>) =>
      attributes['process.pid'] === String(pid)
    const { profile } = profiles.runtimes.find((each) => isIt(each.profile.entity))!
    const row = rowsOf(latest, 'runtime').find(({ entity }) => isIt(entity.attributes))!
    const grown = grownSince(earlier, row, runtimeColumn)
    return { profile, grown, judgements: judgeRuntime(goneOn(profile)) }
  })
}

const verdictOf = ({ judgements }: Seen, rule: FindingRuleId) => {
  const judgement = judgements.get(rule)
  return judgement?.kind === 'finding' ? judgement.verdict : undefined
}

const rulesOf = ({ judgements }: Seen): FindingRuleId[] =>
  [...judgements.keys()].filter(
    (rule) => judgements.get(rule)?.kind === 'finding' && !OF_THE_MACHINE.includes(rule),
  )

const stoppedShare = ({ profile: { recent } }: Seen): number =>
  recent!.throttledPeriods! / recent!.periods!

/** The flags as the finding says that they should be. */
function applied(flags: readonly string[], fix: string): string[] {
  const [, from, to] = /^replace (\S+) by (\S+)$/.exec(fix)!
  expect(flags).toContain(from)
  return flags.map((flag) => (flag === from ? to! : flag))
}

const usageOf = (cgroup: OwnCgroup): number => {
  const name = cgroupVersion() === 'v2' ? 'memory.current' : 'memory.usage_in_bytes'
  return Number(readFileSync(join(cgroup.directory('memory'), name), 'utf8'))
}

let lab: Lab
beforeAll(() => {
  if (missing === undefined) lab = new Lab()
})
afterAll(() => lab?.remove())

describe.skipIf(missing !== undefined).concurrent(`JVMs at work${why(missing)}`, () => {
  test('16 threads of ParallelGC in half a CPU, and with the flags of the fixes', async () => {
    const flags = [
      '-XX:+UseParallelGC',
      '-XX:ParallelGCThreads=16',
      '-XX:-UseDynamicNumberOfGCThreads',
      '-Xmx192m',
      '-Xmn8m',
    ]
    const start = (given: readonly string[]) => {
      const cgroup = lab
        .cgroup()
        .limitCpu(0.5)
        .limitMemory(512 * MIB)
      return lab.start(cgroup, java25!, given, 'garbage', 60, 120)
    }
    const crowded = await start(flags)
    const [seen] = (await measure([crowded])) as [Seen]
    process.kill(crowded, 'SIGKILL')

    const reported = seen.grown('gc_cpu_reported_seconds')!
    expect(reported).toBeGreaterThan(1)
    expect(seen.grown('gc_cpu_seconds')! / reported).toBeGreaterThan(0.95)
    expect(seen.grown('gc_cpu_seconds')! / reported).toBeLessThan(1.05)
    expect(verdictOf(seen, 'jvm.gc-cpu-share')).toMatchObject({
      severity: 'high',
      summary: expect.stringMatching(/^Parallel takes \d/) as string,
    })
    expect(stoppedShare(seen)).toBeGreaterThan(0.5)

    const collector = verdictOf(seen, 'jvm.parallelgc-small-quota')!
    const threads = verdictOf(seen, 'jvm.gc-threads-exceed-quota')!
    expect(collector.summary).toMatch(/^ParallelGC collects with 16 threads/)
    expect(threads.summary).toMatch(/^Parallel may collect with 16 threads/)
    expect(threads.severity).toBe('high')
    const mended = await measure(
      await Promise.all([start(applied(flags, collector.fix)), start(applied(flags, threads.fix))]),
    )
    for (const each of mended) {
      expect(stoppedShare(each)).toBeLessThan(stoppedShare(seen) / 2)
      expect(rulesOf(each)).not.toContain('jvm.gc-threads-exceed-quota')
    }
    expect(mended.map(({ profile }) => profile.collector)).toEqual(['Serial', 'Parallel'])
  })

  test.skipIf(inMemory)(
    `files that fill 99 % of the limit and hurt nobody: nothing${why(IN_MEMORY)}`,
    async () => {
      const cgroup = lab
        .cgroup()
        .countPressure()
        .limitMemory(512 * MIB)
      const file = join(lab.folder, 'written')
      const pid = await lab.start(cgroup, java17!, ['-Xmx128m'], 'write', file, 320, 60)
      const fill = () => cgroup.limitMemory(Math.ceil(usageOf(cgroup) / 0.99))
      fill()
      // Machines give pages back of their own accord.
      const [seen] = (await measure([pid], fill)) as [Seen]
      const { memoryLimitBytes, cgroupMemory } = seen.profile
      expect(cgroupMemory!.usageBytes! / memoryLimitBytes!).toBeGreaterThan(0.98)
      expect(cgroupMemory!.cacheBytes! / memoryLimitBytes!).toBeGreaterThan(0.7)
      expect(cgroupMemory!.anonBytes! / memoryLimitBytes!).toBeLessThan(0.25)
      expect(seen.judgements.get('jvm.page-cache-pressure')).toEqual({ kind: 'fine' })
      expect(rulesOf(seen)).toEqual([])
    },
  )

  test.skipIf(inMemory)(
    `files that are read again and again, and do not fit${why(IN_MEMORY)}`,
    async () => {
      const cgroup = lab
        .cgroup()
        .countPressure()
        .limitMemory(256 * MIB)
      const file = join(lab.folder, 'spilled')
      const pid = await lab.start(cgroup, java17!, ['-Xmx64m'], 'spill', file, 320)
      const [seen] = (await measure([pid])) as [Seen]
      expect(rulesOf(seen)).toEqual(['jvm.page-cache-pressure'])
      const found = verdictOf(seen, 'jvm.page-cache-pressure')!
      expect(found.severity).toBe('high')
      expect(found.evidence.map(({ name }) => name)).toContain('read again')
      const isFelt = PRESSURE.some((each) => existsSync(each))
      expect(seen.profile.recent!.memorySomeSeconds).toSatisfy((seconds?: number) =>
        isFelt ? seconds! > 0 : seconds === undefined,
      )
    },
  )
})
