/** A kernel with cgroup v2: a container of runc, and a JVM whose heap is larger than its limit. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Sampler } from '../../agent/pass.ts'
import { silentLog } from '../../settings/log.ts'
import { present } from '../agent/fixture.ts'
import { ENTRY } from '../end-to-end/candor.ts'
import { OwnCgroup } from '../own-cgroup.ts'

const MIB = 1 << 20
const PATIENCE = { timeout: 200_000, interval: 200 }

let undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.toReversed()) await each()
  undo = []
})

/** `runc spec`, with one static program and limits. */
function bundle(cgroupsPath: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  for (const name of ['bin', 'proc', 'sys', 'dev']) {
    mkdirSync(join(folder, 'rootfs', name), { recursive: true })
  }
  copyFileSync('/bin/busybox', join(folder, 'rootfs/bin/busybox'))
  execFileSync('runc', ['spec', '--bundle', folder])
  const file = join(folder, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {
    process: { terminal: boolean; args: string[]; rlimits?: unknown }
    root: { path: string }
    linux: { cgroupsPath?: string; resources: object }
  }
  spec.process.terminal = false
  spec.process.args = ['/bin/busybox', 'sleep', '600']
  delete spec.process.rlimits
  spec.linux.cgroupsPath = cgroupsPath
  spec.linux.resources = {
    ...spec.linux.resources,
    memory: { limit: 96 * MIB },
    cpu: { quota: 50_000, period: 100_000 },
    pids: { limit: 32 },
  }
  writeFileSync(file, JSON.stringify(spec))
  return folder
}

test('a container of runc below kubepods has its limits, its identity and its process', async () => {
  const id = 'c0'.repeat(32)
  const uid = '12345678-9abc-4def-8123-456789abcdef'
  const path = `/kubepods/burstable/pod${uid}/${id}`
  const root = ['--root', mkdtempSync(join(tmpdir(), 'runc-'))]
  const folder = bundle(path)
  undo.push(() => execFileSync('runc', [...root, 'delete', '--force', 'c0']))
  execFileSync('runc', [...root, 'run', '--detach', '--bundle', folder, 'c0'], { stdio: 'ignore' })
  const sampler = new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: { jvm: false },
    log: silentLog(),
    agentVersion: 'test',
  })
  undo.push(() => sampler.close())
  const row = sampler
    .pass(Date.now())
    .rows.find(
      ({ table, entity }) =>
        table.name === 'container' && entity.attributes['candor.cgroup.path'] === path,
    )!
  expect(row.entity.attributes).toMatchObject({
    'container.id': id,
    'container.name': id.slice(0, 12),
    'container.runtime.name': 'containerd',
    'k8s.pod.uid': uid,
    'candor.cgroup.level': 'container',
  })
  expect(present(row)).toMatchObject({
    memory_limit_bytes: 96 * MIB,
    cpu_limit_effective_cores: 0.5,
    threads_max: 32,
    processes: 1,
  })
})

const PROGRAM = `public class Idle {
  public static void main(String[] args) throws Exception { Thread.sleep(600_000); }
}`

test('a heap that is larger than the limit is found, with the value to set', async () => {
  const cgroup = new OwnCgroup().limitMemory(256 * MIB).limitCpu(0.5)
  undo.push(() => cgroup.remove())
  const folder = mkdtempSync(join(tmpdir(), 'java-'))
  writeFileSync(join(folder, 'Idle.java'), PROGRAM)
  execFileSync('javac', ['-d', folder, join(folder, 'Idle.java')])
  cgroup.spawn('java', ['-Xmx512m', '-cp', folder, 'Idle'], { env: { PATH: process.env['PATH'] } })
  const check = async () => {
    const child = spawn(process.execPath, [ENTRY, 'check', '--format=json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    const [code] = (await once(child, 'exit')) as [number]
    interface Found {
      readonly rule: string
      readonly consequences?: readonly Found[]
    }
    const { findings } = JSON.parse(out) as { findings: readonly Found[] }
    const all = (found: readonly Found[]): string[] =>
      found.flatMap(({ rule, consequences = [] }) => [rule, ...all(consequences)])
    return { code, rules: all(findings) }
  }
  await vi.waitFor(async () => {
    const { code, rules } = await check()
    expect(rules).toContain('jvm.heap-exceeds-limit')
    expect(code).toBe(3)
  }, PATIENCE)
})
