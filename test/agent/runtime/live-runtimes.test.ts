/** Real programs of other kinds than the JVM, started here, read through the real /proc. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Runtimes } from '../../../agent/runtime/runtimes.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { runtime } from '../../../catalog/tables/runtime.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Row } from '../../../wire/sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-runtimes-'))
afterAll(() => rmSync(folder, { recursive: true }))

let runtimes: Runtimes
const children: ChildProcess[] = []
const bootTimeMs = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))![1]) * 1_000
beforeEach(() => {
  runtimes = new Runtimes({
    procfs: '/proc',
    machine: () => ({ kind: 'machine', attributes: { 'host.id': 'cafe' } }),
    bootTimeMs: () => bootTimeMs,
    containerOf: () => undefined,
    log: silentLog(),
  })
})
afterEach(async () => {
  runtimes.close()
  for (const child of children.splice(0)) {
    // Its workers end with the pipe to it.
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
})

type Environment = Readonly<Record<string, string>>

/** Resolves when the program has said something. */
async function start(command: readonly string[], environment: Environment): Promise<ChildProcess> {
  const child = run(command, environment)
  await once(child.stdout!, 'data')
  return child
}

function run([program = '', ...words]: readonly string[], environment: Environment): ChildProcess {
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], DB_PASSWORD: 's3cret', ...environment },
  })
  children.push(child)
  return child
}

let nowMs = Date.now()
const rowOf = ({ pid }: ChildProcess): Row | undefined => {
  // Young processes are looked at again after a while: this is one a pass.
  nowMs += 60_000
  return runtimes
    .read(nowMs)
    .rows.find(({ entity }) => entity.attributes['process.pid'] === String(pid))
}
const column = (row: Row | undefined, name: string) => row?.values[columnOf(runtime, name)]

test('Node.js with its workers', async () => {
  const script = join(folder, 'cluster.cjs')
  writeFileSync(
    script,
    `const cluster = require('node:cluster')
     process.on('disconnect', () => process.exit())
     setInterval(() => {}, 1000)
     if (cluster.isPrimary) {
       const online = [1, 2, 3].map(() => new Promise((done) => cluster.fork().on('online', done)))
       Promise.all(online).then(() => console.log('ready'))
     }`,
  )
  const child = await start(
    [process.execPath, '--max-old-space-size=300', script, '--token=s3cret'],
    {
      NODE_OPTIONS: '--max-semi-space-size=8 --no-warnings',
      UV_THREADPOOL_SIZE: '7',
    },
  )
  const row = rowOf(child)!
  expect(row.entity.attributes).toMatchObject({
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'candor.runtime.name': script,
    'candor.runtime.arguments': '--max-old-space-size=300',
    'candor.runtime.environment': 'NODE_OPTIONS=--max-semi-space-size=8\nUV_THREADPOOL_SIZE=7',
    'candor.runtime.believed.memory.source': 'exact --max-old-space-size',
  })
  expect(column(row, 'workers')).toBe(4)
  expect(column(row, 'believed_memory_bytes')).toBe(300 << 20)
  expect(column(row, 'rss_anon_bytes')).toBeGreaterThan(4 << 20)
  expect(column(row, 'affinity_cpus')).toBeGreaterThanOrEqual(1)
  expect(column(row, 'process_cpu_seconds')).toBeGreaterThan(0)
  expect(JSON.stringify(row.entity)).not.toContain('s3cret')
})

test('Go: what it was built of, and the two variables that bound it', async () => {
  const platform = `typescript-${process.platform}-${process.arch}`
  const program = join(
    import.meta.dirname,
    '../../../node_modules/@typescript',
    platform,
    'lib/tsc',
  )
  const child = run([program, '--lsp', '--stdio'], { GOMAXPROCS: '3', GOMEMLIMIT: '200MiB' })
  let row = rowOf(child)
  while (row === undefined) {
    await wait(10)
    row = rowOf(child)
  }
  expect(row.entity.attributes).toMatchObject({
    'process.runtime.name': 'go',
    'candor.runtime.name': 'tsc',
    'candor.runtime.environment': 'GOMAXPROCS=3\nGOMEMLIMIT=200MiB',
    'candor.runtime.believed.cpus.source': 'exact GOMAXPROCS',
  })
  expect(row.entity.attributes['process.runtime.version']).toMatch(/^1\.\d+/)
  expect(row.entity.attributes['candor.runtime.build']).toContain(
    'path=github.com/microsoft/typescript-go/cmd/tsgo\nmod=github.com/microsoft/typescript-go\n',
  )
  expect(column(row, 'believed_cpus')).toBe(3)
  expect(column(row, 'believed_memory_bytes')).toBe(200 << 20)
})

const { stdout: pythonVersion, status } = spawnSync('python3', ['--version'], { encoding: 'utf8' })
describe.skipIf(status !== 0)(`Python${status === 0 ? '' : ': there is none here'}`, () => {
  test('with a pool of processes', async () => {
    const script = join(folder, 'pool.py')
    writeFileSync(
      script,
      `import multiprocessing, sys
multiprocessing.set_start_method('fork')
pool = multiprocessing.Pool(3)
pool.map(abs, range(9))
print('ready', flush=True)
sys.stdin.read()
`,
    )
    const child = await start(['python3', script], { PYTHON_CPU_COUNT: '3', OMP_NUM_THREADS: '2' })
    const row = rowOf(child)!
    expect(row.entity.attributes).toMatchObject({
      'process.runtime.name': 'python',
      'candor.runtime.name': script,
      'candor.runtime.environment': 'PYTHON_CPU_COUNT=3\nOMP_NUM_THREADS=2',
    })
    const version = row.entity.attributes['process.runtime.version']!
    expect(pythonVersion).toContain(`Python ${version}`)
    expect(column(row, 'workers')).toBe(4)
    child.stdin!.end()
    await once(child, 'exit')
  })
})
