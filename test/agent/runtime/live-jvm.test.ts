/** Real JVMs, started here, read through the real /proc. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WITHOUT_COUNTERS } from '../../../agent/runtime/jvm/counters-file.ts'
import { Runtimes } from '../../../agent/runtime/runtimes.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { runtime, runtimeGc } from '../../../catalog/tables/runtime.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Entity, Row } from '../../../wire/sample.ts'
import { needs } from '../../peers/peers.ts'

const MIB = 1 << 20
const missing = needs('java')
/** A newer JDK where this machine has one besides the peer. */
const JDK_25 = '/usr/lib/jvm/temurin-25-jdk-amd64/bin/java'

const PROGRAM = `
public class Churn {
  static Object sink;
  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    for (;;) {
      for (int i = 0; i < 64; i++) sink = new byte[1 << 16];
      Thread.sleep(10);
    }
  }
}
`

describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let folder: string
  let runtimes: Runtimes
  const children: ChildProcess[] = []
  const machine: Entity = { kind: 'machine', attributes: { 'host.id': 'cafe', 'host.name': 'n' } }
  const bootTimeMs = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))![1]) * 1_000

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'candor-jvm-'))
    writeFileSync(join(folder, 'Churn.java'), PROGRAM)
    execFileSync('javac', ['--release', '17', '-d', folder, join(folder, 'Churn.java')])
  })
  beforeEach(() => {
    runtimes = new Runtimes({
      procfs: '/proc',
      machine: () => machine,
      bootTimeMs: () => bootTimeMs,
      containerOf: () => undefined,
      log: silentLog(),
    })
  })
  afterEach(async () => {
    runtimes.close()
    await Promise.all(children.splice(0).map(end))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Resolves with the pid when the program runs. */
  async function start(flags: readonly string[], java = 'java'): Promise<number> {
    const child = spawn(java, [...flags, '-cp', folder, 'Churn', '--password', 's3cret'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`java ${flags.join(' ')} ended with ${code}`)
      }),
    ])
    return child.pid!
  }

  const rowsOf = (pid: number): Row[] =>
    runtimes
      .read(Date.now())
      .rows.filter((row) => row.entity.attributes['process.pid'] === String(pid))
  const column = (row: Row | undefined, name: string) => row?.values[columnOf(runtime, name)]
  const collections = (rows: readonly Row[]) =>
    rows
      .filter((row) => row.table === runtimeGc)
      .reduce((sum, row) => sum + row.values[columnOf(runtimeGc, 'collections')]!, 0)

  const collectors = [
    ['-XX:+UseSerialGC', 'Serial', 64],
    ['-XX:+UseParallelGC', 'Parallel', 96],
    ['-XX:+UseG1GC', 'G1', 128],
    ['-XX:+UseZGC', 'ZGC', 128],
  ] as const

  describe.each(existsSync(JDK_25) ? ['java', JDK_25] : ['java'])('%s', (java) => {
    test.each(collectors)('%s', async (flag, collector, mebibytes) => {
      const earliestMs = Date.now()
      const pid = await start([flag, `-Xmx${mebibytes}m`], java)
      const [row, ...gcs] = rowsOf(pid)
      expect(column(row, 'heap_max_bytes')).toBe(mebibytes * MIB)
      expect(column(row, 'heap_committed_bytes')).toBeLessThanOrEqual(mebibytes * MIB)
      expect(column(row, 'os_threads')).toBeGreaterThanOrEqual(column(row, 'threads')!)
      expect(row!.entity.attributes).toMatchObject({
        'candor.jvm.collector': collector,
        'candor.jvm.main': 'Churn',
        'candor.jvm.flags': `${flag} -Xmx${mebibytes}m`,
      })
      expect(JSON.stringify(row!.entity)).not.toContain('s3cret')
      // Boot time has whole seconds, which is how far the two clocks may differ.
      const startMs = Date.parse(row!.entity.attributes['process.creation.time']!)
      expect(startMs).toBeGreaterThan(earliestMs - 2_000)
      expect(startMs).toBeLessThan(Date.now() + 2_000)
      const before = collections(gcs)
      let now = before
      // The garbage of this program fills any of these heaps many times before the test times out.
      while (now <= before) {
        await wait(20)
        now = collections(rowsOf(pid))
      }
      expect(now).toBeGreaterThan(before)
    })
  })

  test.each(['-XX:+PerfDisableSharedMem', '-XX:-UsePerfData'])(
    '%s: seen, not read, and the reason says why',
    async (flag) => {
      const pid = await start([flag, '-Xmx32m', '-XX:+UseSerialGC'])
      const { rows, unread } = runtimes.read(Date.now())
      expect(unread.get(WITHOUT_COUNTERS.none)).toBeGreaterThanOrEqual(1)
      const row = rows.find((each) => each.entity.attributes['process.pid'] === String(pid))
      expect(column(row, 'os_threads')).toBeGreaterThan(1)
      expect(column(row, 'heap_max_bytes')).toBeNaN()
    },
  )

  test('when the process has ended its rows and its open file are gone', async () => {
    const pid = await start(['-Xmx32m', '-XX:+UseSerialGC'])
    expect(rowsOf(pid).length).toBeGreaterThan(0)
    const open = runtimes.openFiles
    await end(children[0]!)
    expect(rowsOf(pid)).toEqual([])
    expect(runtimes.openFiles).toBeLessThan(open)
  })

  test('a shell that becomes a JVM by exec is one from then on', async () => {
    const command = 'echo shell; read x; exec java -Xmx32m -XX:+UseSerialGC -cp "$0" Churn'
    const child = spawn('sh', ['-c', command, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    await once(child.stdout, 'data')
    expect(rowsOf(child.pid!)).toEqual([])
    child.stdin.write('\n')
    await once(child.stdout, 'data')
    await expect
      .poll(() => column(rowsOf(child.pid!)[0], 'heap_max_bytes'), { timeout: 10_000 })
      .toBe(32 * MIB)
  })

  const unprivileged = needs('root')
  test.skipIf(unprivileged !== undefined)(
    `a counters file that was deleted is still read through its mapping${unprivileged ?? ''}`,
    async () => {
      const pid = await start(['-Xmx32m', '-XX:+UseSerialGC'])
      rmSync(`/tmp/hsperfdata_${userInfo().username}/${pid}`)
      expect(column(rowsOf(pid)[0], 'heap_max_bytes')).toBe(32 * MIB)
    },
  )

  test.skipIf(unprivileged !== undefined)(
    `a JVM with a pid namespace and a /tmp of its own${unprivileged ?? ''}`,
    async () => {
      const inside = 'mount -t tmpfs none /tmp && exec "$@"'
      const java = ['java', '-Xmx32m', '-XX:+UseSerialGC', '-cp', '/proc/self/cwd', 'Churn']
      const child = spawn(
        'unshare',
        ['-pfm', '--mount-proc', '--kill-child', 'sh', '-c', inside, 'sh', ...java],
        { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder },
      )
      children.push(child)
      await once(child.stdout, 'data')
      const rows = runtimes.read(Date.now()).rows.filter((row) => {
        const pid = row.entity.attributes['process.pid']
        return (
          readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[1] ===
          String(child.pid)
        )
      })
      expect(column(rows[0], 'heap_max_bytes')).toBe(32 * MIB)
    },
  )
})
