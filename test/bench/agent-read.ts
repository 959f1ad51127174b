/**
 * One pass over many cgroups against the C floor: the very files that the agent keeps open, read and
 * converted by C in the same way. Rounds of both alternate, so that the machine's noise meets both.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { READERS, Sampler } from '../../agent/pass.ts'
import { median } from '../../judge/statistics.ts'
import { silentLog } from '../../settings/log.ts'
import type { Figures } from './bench.ts'
import { makeCgroups } from './cgroups.ts'
import { cpuMs } from './statistics.ts'

const CGROUPS = Number(process.env['BENCH_CGROUPS'] ?? 2_400)
const WARM_PASSES = 10
const ROUNDS = 15
/** All descriptors that the limit allows: the floor keeps its files open too. */
const KEEP_OPEN = 19_000
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

/** Open too, but read only after another has changed: in cgroups that sleep they are not read. */
const AFTER_CHANGE = /\/(?:cpuacct\.stat|blkio\..*io_serviced.*)$/

/** Files of the bench's own cgroups that this process holds open, and that a pass reads. */
const keptOpen = (root: string) =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.includes(`${root}/`) && !AFTER_CHANGE.test(path) ? [path] : []
    } catch {
      return [] // the descriptor of this very listing
    }
  })

/** How often this process has read anything. */
const reads = () => Number(/^syscr: (\d+)$/m.exec(readFileSync('/proc/self/io', 'latin1'))![1])

/** Runs the floor over the files, `rounds` times, and answers with the CPU time of each round. */
async function floor(program: string, files: readonly string[], rounds: number): Promise<number[]> {
  const child = spawn(program, [String(rounds)], { stdio: ['pipe', 'pipe', 'ignore'] })
  // When the floor fails it says so by its exit code.
  child.stdin.on('error', () => {}).end(`${files.join('\n')}\n`)
  const times: number[] = []
  for await (const line of createInterface(child.stdout)) times.push(Number(line))
  if (child.exitCode === null) await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error('the floor failed')
  return times
}

export async function run(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  try {
    const program = join(folder, 'floor')
    execFileSync('cc', ['-O2', '-o', program, FLOOR])
    await using many = makeCgroups(CGROUPS)

    const cgroups = sampler(['cgroup'])
    passes(cgroups, WARM_PASSES)
    const files = keptOpen(many.path)
    const before = reads()
    passes(cgroups, 1)
    const readsOfAPass = reads() - before
    if (files.length > readsOfAPass) throw new Error('the floor reads more than a pass does')
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(...passes(cgroups, 1))
      // The first round of a new process pays for cold caches: it is left out.
      theirs.push(...(await floor(program, files, 3)).slice(1))
    }
    cgroups.close()

    const host = sampler(
      READERS.map(({ name }) => name).filter((name) => !['cgroup', 'jvm'].includes(name)),
    )
    passes(host, 200)
    const hostMs = median(passes(host, 1_000))
    host.close()
    return {
      cgroups: CGROUPS,
      files: files.length,
      reads: readsOfAPass,
      passMs: median(ours),
      floorMs: median(theirs),
      ratioToPread: median(ours)! / median(theirs)!,
      hostMs,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
