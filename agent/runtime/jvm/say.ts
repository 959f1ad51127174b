/** What one JVM says in one pass: statements under their attributes, figures under their columns. */
import type { Facts, Figures, Said, Seen, Unread } from '../kind.ts'
import { believedCpus, believedMemory } from './believed.ts'
import type { CollectionFigures } from './collections.ts'
import { NoCounters, WITHOUT_COUNTERS, type WithoutCounters } from './counters-file.ts'
import { WITHOUT_DEEP } from './deep-look.ts'
import { asAttribute, collectorIn, heapMaxIn } from './final-flags.ts'
import type { Counters } from './hsperfdata.ts'
import { figuresOf, gcFiguresOf, type JvmFacts, type JvmFigures } from './jvm.ts'
import type { JvmProcess } from './jvm-process.ts'
import type { ThreadFigures } from './thread-times.ts'

/** Reasons that someone should look into; the others are how the workload was set up. */
const SUSPICIOUS: ReadonlySet<WithoutCounters> = new Set([
  WITHOUT_COUNTERS.malformed,
  WITHOUT_COUNTERS.unsafe,
  WITHOUT_COUNTERS.failed,
])

const COUNTERS = 'hsperfdata maxCapacity of the generations'
const FLAG = 'final flag MaxHeapSize'

type Measured = JvmFigures & CollectionFigures & ThreadFigures

const COLUMNS: readonly (readonly [keyof Measured, string])[] = [
  ['heapUsedBytes', 'heap_used_bytes'],
  ['heapCommittedBytes', 'heap_committed_bytes'],
  ['heapLiveBytes', 'heap_live_bytes'],
  ['metaspaceUsedBytes', 'metaspace_used_bytes'],
  ['metaspaceCommittedBytes', 'metaspace_committed_bytes'],
  ['threads', 'threads'],
  ['classes', 'classes'],
  ['safepoints', 'safepoints'],
  ['safepointSeconds', 'safepoint_seconds'],
  ['safepointSyncSeconds', 'safepoint_sync_seconds'],
  ['fullCollections', 'full_collections'],
  ['allocationStalls', 'allocation_stalls'],
  ['explicitCollections', 'explicit_collections'],
  ['stopSeconds', 'stop_seconds'],
  ['compileSeconds', 'compile_seconds'],
  ['gcCpuReportedSeconds', 'gc_cpu_reported_seconds'],
  ['gcCpuSeconds', 'gc_cpu_seconds'],
  ['jitCpuSeconds', 'jit_cpu_seconds'],
  ['gcThreads', 'gc_threads'],
  ['compilerThreads', 'compiler_threads'],
]

const columnsOf = (measured: Partial<Measured>): Figures =>
  Object.fromEntries(COLUMNS.map(([figure, column]) => [column, measured[figure]]))

/** `shared` names the counters files that several living processes have open. */
export function say({ process, tasks }: Seen, jvm: JvmProcess, shared: ReadonlySet<string>): Said {
  if (tasks !== undefined) jvm.threads.look(tasks)
  const counters = jvm.read(process, shared)
  const { facts } = jvm
  const { capabilities, codeResidentBytes } = jvm.surroundings
  const final = jvm.look?.deep?.flags
  const collector = facts?.collector ?? (final && collectorIn(final))
  const told =
    counters instanceof NoCounters || facts === undefined ? undefined : tell(counters, jvm, facts)
  const heapMaxBytes = told?.measured.heapMaxBytes ?? (final && heapMaxIn(final))
  const cpus = believedCpus(facts?.flags, final, collector)
  const memory = believedMemory(heapMaxBytes, told === undefined ? FLAG : COUNTERS)
  const unread = unreadOf(counters, jvm)
  return {
    facts: {
      ...ofMachine(process),
      ...(facts && ofFacts(facts)),
      'candor.jvm.collector': collector,
      'candor.jvm.capabilities': capabilities,
      'candor.jvm.counters.filesystem': jvm.fileSystem,
      'candor.jvm.flags.final': final && asAttribute(final),
      ...cpus?.facts,
      ...memory?.facts,
    },
    figures: {
      ...columnsOf({ ...told?.measured, ...jvm.threads.figures(collector) }),
      heap_max_bytes: heapMaxBytes,
      code_resident_bytes: codeResidentBytes,
      ...cpus?.figures,
      ...memory?.figures,
    },
    collectors: told?.collectors ?? [],
    ...(unread && { unread }),
  }
}

const tell = (counters: Counters, jvm: JvmProcess, facts: JvmFacts) => ({
  measured: { ...figuresOf(counters, facts), ...jvm.collections.look(counters, facts) },
  collectors: facts.collectors.map(({ index, name }) => ({
    name,
    figures: { ...gcFiguresOf(counters, facts, index) } satisfies Figures,
  })),
})

/** One reason a process: without counters much more is missing than without a look into its memory. */
function unreadOf(counters: Counters | NoCounters, { look }: JvmProcess): Unread | undefined {
  if (counters instanceof NoCounters) return withoutCounters(counters)
  const failure = look?.failure
  if (failure === undefined) return undefined
  const { reason, cause } = failure
  return { reason, ...(reason !== WITHOUT_DEEP.notPermitted && { suspicious: cause }) }
}

const withoutCounters = (why: NoCounters): Unread => ({
  reason: why.reason,
  ...(SUSPICIOUS.has(why.reason) && {
    suspicious: why.cause instanceof Error ? why.cause : why,
  }),
})

const ofMachine = ({ maps }: Seen['process']): Facts => ({
  'process.runtime.description': maps.machine === 'openj9' ? 'OpenJ9' : undefined,
})

const ofFacts = (facts: JvmFacts): Facts => ({
  'process.runtime.version': facts.version,
  'process.runtime.description': facts.description,
  'candor.jvm.main': facts.main,
  'candor.runtime.name': facts.main,
  'candor.jvm.flags': facts.flags?.join(' '),
})
