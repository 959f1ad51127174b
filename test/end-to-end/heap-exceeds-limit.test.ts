/**
 * The main job on real input: a JVM whose heap may grow beyond its quota is found through agent,
 * OTLP, collector, store and rule, with the flag to set, and is forgotten when it ends.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Picture } from '../../command/picture.ts'
import type { RuntimeListing } from '../../command/runtimes.ts'
import type { Verdict } from '../../judge/finding.ts'
import { OwnCgroup } from '../own-cgroup.ts'
import { needs } from '../peers/peers.ts'
import { runCandor, startCandor, until } from './candor.ts'

const MIB = 1 << 20
const RULE = 'jvm.heap-exceeds-limit'
const missing = needs('java', 'root', 'cgroup')

const JAVA = `public class Idle {
  public static void main(String[] a) throws Exception {
    for (long end = System.currentTimeMillis() + 300_000; System.currentTimeMillis() < end; ) {
      byte[] garbage = new byte[100_000];
      Thread.sleep(20);
    }
  }
}`

let folder = ''
const cgroups: OwnCgroup[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-jvm-'))
  writeFileSync(join(folder, 'Idle.java'), JAVA)
  if (missing === undefined) execFileSync('javac', ['-d', folder, join(folder, 'Idle.java')])
})
afterAll(async () => {
  for (const cgroup of cgroups.reverse()) await cgroup.remove()
  rmSync(folder, { recursive: true, force: true })
})

function ownCgroup(): OwnCgroup {
  const cgroup = new OwnCgroup()
  cgroups.push(cgroup)
  return cgroup
}

const java = (cgroup: OwnCgroup, ...flags: string[]) =>
  cgroup.spawn('java', [...flags, '-cp', folder, 'Idle', '--secret=hunter2'])

interface Found extends Verdict {
  readonly entity: Readonly<Record<string, string>>
}

function expectHeapFinding(found: Found, cgroup: OwnCgroup): void {
  expect(found.severity).toBe('critical')
  expect(found.believed).toMatchObject({ value: 512 * MIB, unit: 'By' })
  expect(found.enforced).toMatchObject({ value: 256 * MIB, unit: 'By' })
  expect(found.enforced?.source).toContain(cgroup.path)
  const percent = Number(/-XX:MaxRAMPercentage=(\d+\.\d)\b/.exec(found.fix)?.[1])
  expect(percent).toBeGreaterThanOrEqual(10)
  expect(percent).toBeLessThan(90)
  expect(found.fixValues['maxRamPercentage']).toBe(percent)
  expect(found.fix).toContain('-Xmx512m')
  expect(JSON.stringify(found)).not.toContain('hunter2')
}

test.skipIf(missing)(
  'found through agent, OTLP, collector, store and rule; gone with the JVM',
  async () => {
    const cgroup = ownCgroup()
      .limitMemory(256 * MIB)
      .limitCpu(0.5)
    const child = java(cgroup, '-Xmx512m')
    await using candor = await startCandor('', ['--interval=1s', '--evaluation.interval=1s'])
    const mine = async () => {
      const { findings } = await candor.api<{ findings: Found[] }>('/api/v1/findings')
      return findings.filter(
        ({ rule, entity }) => rule === RULE && entity['process.pid'] === String(child.pid),
      )
    }
    await until(async () => (await mine()).length === 1, 'the finding')
    expectHeapFinding((await mine())[0]!, cgroup)

    const gauges = await (await fetch(`${candor.console}/metrics`)).text()
    expect(gauges).toMatch(
      /^candor_findings\{rule="jvm.heap-exceeds-limit",severity="critical"\} [1-9]/m,
    )

    child.kill('SIGKILL')
    await until(async () => (await mine()).length === 0, 'the finding to go with its JVM')
  },
)

test.skipIf(missing)('candor check --format=json shows the same', async () => {
  const cgroup = ownCgroup()
    .limitMemory(256 * MIB)
    .limitCpu(0.5)
  const child = java(cgroup, '-Xmx512m')
  let picture: Picture | undefined
  const isMine = ({ rule, entity }: Picture['findings'][number]) =>
    rule === RULE && entity['process.pid'] === String(child.pid)
  await until(async () => {
    const { code, stdout, stderr } = await runCandor(['check', '--format=json'])
    expect([0, 3], stderr).toContain(code)
    picture = JSON.parse(stdout) as Picture
    return picture.findings.some(isMine)
  }, 'the finding')
  expectHeapFinding(picture!.findings.find(isMine)!, cgroup)
  expect(Object.keys(picture!)).toEqual(
    expect.arrayContaining(['machine', 'containers', 'runtimes', 'findings', 'readers']),
  )
  const container = picture!.containers.find(({ id }) => id === cgroup.path)
  expect(container).toMatchObject({ memoryLimitBytes: 256 * MIB, cpuLimitCores: 0.5 })
})

test.skipIf(missing)('candor runtimes lists what it believes beside what is enforced', async () => {
  const cgroup = ownCgroup()
    .limitMemory(256 * MIB)
    .limitCpu(0.5)
  const child = java(cgroup, '-Xmx512m', '-XX:ActiveProcessorCount=4')
  let listing: RuntimeListing | undefined
  const mine = () => listing?.runtimes.find(({ pid }) => pid === String(child.pid))
  await until(async () => {
    const { code, stdout } = await runCandor(['runtimes', '--duration=200ms', '--format=json'])
    expect([0, 3]).toContain(code)
    listing = JSON.parse(stdout) as RuntimeListing
    return mine()?.believedMemory !== undefined
  }, 'the JVM to be read')
  expect(mine()).toMatchObject({
    runtime: 'jvm',
    believedCpus: { value: 4, confidence: 'exact' },
    believedMemory: { value: 512 * MIB },
    enforcedCpus: 0.5,
    enforcedMemoryBytes: 256 * MIB,
    verdict: 'critical',
  })
  const { code, stdout } = await runCandor(['runtimes', '--duration=200ms'])
  expect(code).toBe(3)
  expect(stdout).toMatch(/Idle +jvm [\d.]+!? +4 \/ 512 MiB +0\.5 \/ 256 MiB +critical/)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
})

test.skipIf(missing)('a heap that fits is no finding, and text says so', async () => {
  const cgroup = ownCgroup().limitMemory(1024 * MIB)
  const child = java(cgroup, '-Xmx256m')
  await until(async () => {
    const { stdout } = await runCandor(['check', '--format=json'])
    const { runtimes, findings } = JSON.parse(stdout) as Picture
    // What its directory lies on is no matter of its heap.
    const mine = findings.filter(
      ({ entity, severity }) => entity['process.pid'] === String(child.pid) && severity !== 'info',
    )
    expect(mine).toEqual([])
    return runtimes.some(({ pid, heapMaxBytes }) => pid === child.pid && heapMaxBytes !== undefined)
  }, 'the JVM to be read')
})
