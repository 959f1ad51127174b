/**
 * Real programs of Node.js, Go and Python in real quotas, through `candor check`: what must be found is
 * found, and its neighbour that is well is left alone.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Picture } from '../../command/picture.ts'
import { OwnCgroup } from '../own-cgroup.ts'
import { needs } from '../peers/peers.ts'
import { runCandor, until } from './candor.ts'

const MIB = 1 << 20
const missing = needs('root', 'cgroup')
const folder = mkdtempSync(join(tmpdir(), 'candor-others-'))
const script = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
afterAll(() => rmSync(folder, { recursive: true }))

const cgroups: OwnCgroup[] = []
const ownCgroup = (): OwnCgroup => {
  const cgroup = new OwnCgroup()
  cgroups.push(cgroup)
  return cgroup
}
afterEach(async () => {
  for (const cgroup of cgroups.splice(0).reverse()) await cgroup.remove()
})

/** Findings of one process, and what it is. */
async function check(pid: number) {
  const { stdout } = await runCandor(['check', '--format=json'])
  const { findings, runtimes } = JSON.parse(stdout) as Picture
  const mine = findings.filter(({ entity }) => entity['process.pid'] === String(pid))
  return {
    rules: mine.map(({ rule }) => rule).toSorted(),
    of: (rule: string) => mine.find((each) => each.rule === rule),
    runtime: runtimes.find((each) => each.pid === pid),
  }
}

describe.skipIf(missing)('Node.js', () => {
  const idle = script('idle.cjs', 'setInterval(() => {}, 1000)')
  const node = (limitBytes: number) =>
    ownCgroup().limitMemory(limitBytes).spawn(process.execPath, [idle])

  test('its default heap is above a limit of 256 MiB', async () => {
    const { pid } = node(256 * MIB)
    const found = (await check(pid!)).of('node.heap-exceeds-limit')
    expect(found).toMatchObject({
      severity: 'high',
      believed: {
        value: 259 * MIB,
        source: `default of Node.js ${process.versions.node.split('.')[0]}`,
      },
      enforced: { value: 256 * MIB },
      fix: 'set NODE_OPTIONS=--max-old-space-size=176',
    })
  })
  test('in 1 GiB it is well', async () => {
    const { rules, runtime } = await check(node(1024 * MIB).pid!)
    expect(runtime).toMatchObject({ runtime: 'nodejs', version: process.versions.node })
    expect(rules).toEqual([])
  })
  test('with the flag of the fix it is well', async () => {
    const cgroup = ownCgroup().limitMemory(256 * MIB)
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=176' }
    const { pid } = cgroup.spawn(process.execPath, [idle], { env })
    expect((await check(pid!)).rules).toEqual([])
  })
})

/**
 * A program that a new Go built with an old version in go.mod is not met here: it takes a compiler of Go
 * and four CPUs. Its executable is made by hand in the test of the rule.
 */
describe.skipIf(missing)('Go', () => {
  const platform = `typescript-${process.platform}-${process.arch}`
  const program = join(import.meta.dirname, '../../node_modules/@typescript', platform, 'lib/tsc')
  const go = (environment: Readonly<Record<string, string>>) =>
    ownCgroup()
      .limitCpu(0.5)
      .limitMemory(512 * MIB)
      .spawn(program, ['--lsp', '--stdio'], {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: { PATH: process.env['PATH'], ...environment },
      })

  test('GOMAXPROCS above the quota, and a goal above the limit', async () => {
    const { pid } = go({ GOMAXPROCS: '8', GOMEMLIMIT: '1GiB' })
    const { rules, of } = await check(pid!)
    expect(rules).toEqual(['go.gomaxprocs-exceeds-quota', 'go.gomemlimit'])
    expect(of('go.gomaxprocs-exceeds-quota')).toMatchObject({
      believed: { value: 8, source: 'GOMAXPROCS' },
      enforced: { value: 0.5 },
      fixValues: { goMaxProcs: 1 },
    })
    expect(of('go.gomemlimit')).toMatchObject({ fix: 'set GOMEMLIMIT=460MiB' })
  })
  test('a runtime that follows the quota, with a goal that fits, is well', async () => {
    const { rules, runtime } = await check(go({ GOMEMLIMIT: '460MiB' }).pid!)
    expect(runtime).toMatchObject({ runtime: 'go', name: 'tsc' })
    expect(rules).toEqual([])
  })
})

const python = spawnSync('python3', ['--version']).status === 0
describe.skipIf(missing !== undefined || !python)(`Python${python ? '' : ': none here'}`, () => {
  const cpus = availableParallelism()
  const workers = 2 * cpus + 1
  const pool = script(
    'pool.py',
    `import multiprocessing, sys, time
multiprocessing.set_start_method('fork')
pool = multiprocessing.Pool(int(sys.argv[1]))
time.sleep(300)
`,
  )
  const start = (count: number) =>
    ownCgroup()
      .limitCpu(0.5)
      .spawn('python3', [pool, String(count)])

  test('as many workers as twice the CPUs of the machine and one', async () => {
    const { pid } = start(workers)
    await until(() => cgroups[0]!.pids().length === workers + 1, 'the workers')
    expect((await check(pid!)).of('python.workers-exceed-quota')).toMatchObject({
      believed: { value: workers },
      enforced: { value: 0.5 },
      fixValues: { workers: 3 },
    })
  })
  test('two workers are well', async () => {
    expect((await check(start(2).pid!)).rules).toEqual([])
  })
})
