/** Processes of made-up workloads: what a JVM and a Go program tell of themselves. */
import { MIB, type Process } from '../plan.ts'

/** Of every machine that they run on. */
export const CPUS = 16

interface Jvm {
  readonly main: string
  readonly flags: string
  readonly version?: string
  readonly cpus: number
  readonly compilerThreads: number
  readonly gcThreads: number
  readonly heapMaxBytes: number
  readonly heapUsedBytes: number
  readonly rssBytes: number
  readonly threads: number
  readonly cores: number
  /** Part of its CPU time that collects. */
  readonly gcShare?: number
}

export const jvm = (about: Jvm): Process => ({
  kind: 'jvm',
  attributes: {
    'process.runtime.version': about.version ?? '21.0.5',
    'process.runtime.description': 'Eclipse Adoptium OpenJDK 64-Bit Server VM mixed mode, sharing',
    'candor.jvm.collector': 'G1',
    'candor.jvm.main': about.main,
    'candor.jvm.flags': about.flags,
    'candor.jvm.counters.filesystem': 'tmpfs',
    'candor.runtime.name': about.main,
    'candor.runtime.environment': '',
    'candor.runtime.believed.cpus.source': 'exact -XX:ActiveProcessorCount',
  },
  constants: {
    affinity_cpus: CPUS,
    believed_cpus: about.cpus,
    heap_max_bytes: about.heapMaxBytes,
    compiler_threads: about.compilerThreads,
    gc_threads: about.gcThreads,
    os_threads: about.threads + 22,
    threads: about.threads,
    classes: 14_200,
    swap_bytes: 0,
    rss_shmem_bytes: 0,
  },
  gauges: {
    heap_used_bytes: about.heapUsedBytes,
    heap_live_bytes: 0.6 * about.heapUsedBytes,
    heap_committed_bytes: Math.min(about.heapMaxBytes, 1.3 * about.heapUsedBytes),
    metaspace_used_bytes: 84 * MIB,
    metaspace_committed_bytes: 86 * MIB,
    code_resident_bytes: 30 * MIB,
    rss_anon_bytes: about.rssBytes,
    rss_file_bytes: 36 * MIB,
  },
  counters: {
    process_cpu_seconds: about.cores,
    gc_cpu_seconds: (about.gcShare ?? 0.03) * about.cores,
    jit_cpu_seconds: 0.002 * about.cores,
    stop_seconds: 0.1 * (about.gcShare ?? 0.03),
    safepoint_seconds: 0.11 * (about.gcShare ?? 0.03),
    safepoints: 0.4,
    full_collections: 0,
    allocation_stalls: 0,
    explicit_collections: 0,
  },
})

export const goProcess = (
  name: string,
  version: string,
  environment: string,
  gauges: Process['gauges'],
  cores: number,
  constants: Process['constants'] = {},
): Process => ({
  kind: 'go',
  attributes: {
    'process.runtime.version': version,
    'candor.runtime.name': name,
    'candor.runtime.environment': environment,
    'candor.runtime.build': `path=example.com/${name}\nmod=example.com/${name} v1.4.0`,
    ...(environment.includes('GOMEMLIMIT') && {
      'candor.runtime.believed.memory.source': 'exact GOMEMLIMIT',
    }),
  },
  constants: {
    affinity_cpus: CPUS,
    os_threads: 18,
    swap_bytes: 0,
    rss_shmem_bytes: 0,
    ...constants,
  },
  gauges,
  counters: { process_cpu_seconds: cores },
})
