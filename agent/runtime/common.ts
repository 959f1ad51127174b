/**
 * What the process of any runtime tells, whatever its kind: its CPU time, its memory, its threads, its
 * settings, and the limits that it was born into.
 *
 * Source: /proc/PID/status, read in every pass, about 30 µs; the rest was read before
 */
import type { EffectiveLimits } from '../cgroup/limits.ts'
import type { Facts, Figures, Seen } from './kind.ts'
import { parseProcessMemory } from './process.ts'
import type { Program } from './program.ts'
import { readRecord } from './read-record.ts'
import { asLines, asSettings } from './settings.ts'
import { largestPool } from './tasks.ts'

/** Throws when the process is gone. */
export function figuresOf(procfs: string, { process, tasks, children, isWorker }: Seen): Figures {
  const status = parseProcessMemory(readRecord(`${procfs}/${process.pid}/status`))
  return {
    os_threads: process.threads,
    process_cpu_seconds: process.cpuSeconds,
    rss_anon_bytes: status.anonBytes,
    rss_file_bytes: status.fileBytes,
    rss_shmem_bytes: status.shmemBytes,
    swap_bytes: status.swapBytes,
    affinity_cpus: status.cpus,
    workers: isWorker ? undefined : children.length + 1,
    pool_threads: tasks && largestPool(tasks)?.threads,
    malloc_arenas: arenasOf(process.maps),
  }
}

/** Where the rest of the maps was not looked at there may be more; other allocators have none. */
const arenasOf = ({ arenas, cut, libraries }: Seen['process']['maps']): number | undefined =>
  cut || allocatorOf(libraries) !== undefined ? undefined : arenas

export const factsOf = ({ process, program, tasks }: Seen): Facts => ({
  'process.runtime.name': program.kind,
  'candor.runtime.environment': program.environment && asSettings(program.environment),
  'candor.runtime.arguments': program.arguments && asLines(program.arguments),
  'candor.runtime.pool': tasks && largestPool(tasks)?.name,
  'candor.runtime.allocator': allocatorOf(process.maps.libraries),
  'candor.runtime.sees.cgroups': seen(program),
})

const seen = ({ seesCgroups }: Program): string | undefined =>
  seesCgroups === undefined ? undefined : String(seesCgroups)

const ALLOCATORS = ['jemalloc', 'tcmalloc', 'mimalloc'] as const

/** Of a program that has its allocator within itself nothing is seen. */
function allocatorOf(libraries: readonly string[]): string | undefined {
  const loaded = ALLOCATORS.find((name) => libraries.some((path) => path.includes(`/lib${name}`)))
  return loaded ?? (libraries.some((path) => path.includes('/ld-musl-')) ? 'musl' : undefined)
}

/** A runtime that is met within this time of its start was born under the limits of that moment. */
const START_MS = 60_000

export const firstLimits = (limits: EffectiveLimits, startMs: number, timeMs: number): Facts => ({
  'candor.runtime.first.memory.limit': limitText(limits.memoryBytes),
  'candor.runtime.first.cpu.limit': limitText(limits.cpuCores),
  'candor.runtime.first.seen': timeMs - startMs <= START_MS ? 'start' : 'later',
})

const limitText = (limit: number): string => (Number.isNaN(limit) ? 'none' : String(limit))
