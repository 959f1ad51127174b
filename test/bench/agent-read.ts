/**
 * One pass over many cgroups against the C floor: the very files that the agent reads, read and
 * converted by C in the same way. Rounds of both alternate, so that the machine's noise meets both.
 * `ratioToPread` is a pass in which nothing has run, against the files that are kept open, all read;
 * `busyRatioToPread` one after everything ran, against every file that it reads.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { READERS, Sampler } from '../../agent/pass.ts'
import { median } from '../../judge/statistics.ts'
import { silentLog } from '../../settings/log.ts'
import type { Figures } from './bench.ts'
import { makeCgroups } from './cgroups.ts'
import { netdataPassMs } from './netdata.ts'
import { hostFigures } from './host-pass.ts'
import { cpuMs } from './statistics.ts'

const CGROUPS = Number(process.env['BENCH_CGROUPS'] ?? 2_400)
const WARM_PASSES = 10
const ROUNDS = 15
/** All descriptors that the limit allows beside a pipe to each process: the floor keeps its files open too. */
const KEEP_OPEN = 17_200
const FLOOR = new URL('pread-floor.c', import.meta.url).pathname

function sampler(readers: readonly string[]): Sampler {
  return new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: Object.fromEntries(READERS.map(({ name }) => [name, readers.includes(name)])),
    log: silentLog(),
    agentVersion: 'bench',
    mostOpenFiles: KEEP_OPEN,
  })
}

/** CPU time of each of `rounds` passes. */
function passes(of: Sampler, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const before = cpuMs()
    of.pass(Date.now())
    return cpuMs() - before
  })
}

/** What this process holds open of the cgroups below `root`. */
const keptOpen = (root: string): ReadonlySet<string> =>
  new Set(
    readdirSync('/proc/self/fd').flatMap((descriptor) => {
      try {
        const path = readlinkSync(`/proc/self/fd/${descriptor}`)
        return dirname(dirname(path)).endsWith(root) ? [path] : []
      } catch {
        return [] // the descriptor of this very listing
      }
    }),
  )

/**
 * Every file that a pass over changed cgroups reads, as the floor wants it: what one cgroup keeps
 * open, all of them read, those for which no descriptor is left by opening them each time.
 */
function floorFiles(root: string): string[] {
  const open = keptOpen(root)
  const cgroups = new Set(Array.from(open, (path) => basename(dirname(path))))
  const times = new Map<string, number>()
  for (const path of open) {
    const name = path.replace(/\/[^/]+\/(?=[^/]+$)/, '/*/')
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  // One that a single cgroup had cause to read is no part of each pass.
  const names = [...times.keys()].filter((name) => times.get(name)! > cgroups.size / 100)
  return names.flatMap((name) =>
    Array.from(cgroups, (cgroup) => {
      const path = name.replace('/*/', `/${cgroup}/`)
      return `${open.has(path) ? '+' : '-'}${path}`
    }),
  )
}

/** How often this process has read anything. */
const reads = () => Number(/^syscr: (\d+)$/m.exec(readFileSync('/proc/self/io', 'latin1'))![1])

interface Floor extends AsyncDisposable {
  /** CPU time of one round over all files, or over those that are kept open. */
  round(which: 'all' | 'kept'): Promise<number>
}

/** A process that keeps the files open, as the agent does. */
async function startFloor(program: string, files: readonly string[]): Promise<Floor> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] })
  // When the floor fails it says so by its exit code.
  child.stdin.on('error', () => {}).write(`${files.join('\n')}\n\n`)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    round: async (which) => {
      child.stdin.write(which === 'kept' ? 'k\n' : '\n')
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the floor failed')
      return Number(value)
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

export async function run(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  try {
    const program = join(folder, 'floor')
    execFileSync('cc', ['-O2', '-o', program, FLOOR])
    await using many = makeCgroups(CGROUPS)

    const cgroups = sampler(['cgroup'])
    passes(cgroups, WARM_PASSES)
    const files = floorFiles(many.path)
    const idle: number[] = []
    const busy: number[] = []
    const idleFloor: number[] = []
    const busyFloor: number[] = []
    let idleReads = 0
    let busyReads = 0
    {
      await using floor = await startFloor(program, files)
      await floor.round('all')
      for (let round = 0; round < ROUNDS; round++) {
        // Who reads first after a process ran pays for what the kernel has put off until then.
        await many.stir()
        let before = reads()
        busy.push(...passes(cgroups, 1))
        busyReads = reads() - before
        if (files.length > busyReads) throw new Error('the floor reads more than a pass does')
        await many.stir()
        busyFloor.push(await floor.round('all'))
        // What the floor saw first is news to a pass.
        passes(cgroups, 1)
        before = reads()
        idle.push(...passes(cgroups, 1))
        idleReads = reads() - before
        idleFloor.push(await floor.round('kept'))
      }
    }
    cgroups.close()
    const netdataMs = await netdataPassMs(many.path, CGROUPS)

    return {
      cgroups: CGROUPS,
      files: files.length,
      keptOpen: files.filter((line) => line.startsWith('+')).length,
      busyReads,
      idleReads,
      busyMs: median(busy),
      busyFloorMs: median(busyFloor),
      idleMs: median(idle),
      idleFloorMs: median(idleFloor),
      ratioToPread: median(idle)! / median(idleFloor)!,
      busyRatioToPread: median(busy)! / median(busyFloor)!,
      ...(netdataMs !== undefined && { netdataMs, ratioToNetdata: median(idle)! / netdataMs }),
      ...hostFigures(),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
