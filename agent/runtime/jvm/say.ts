/** What one JVM says in one pass: statements under their attributes, figures under their columns. */
import type { Facts, Figures, Said, Seen, Unread } from '../kind.ts'
import { believedCpus, believedMemory } from './believed.ts'
import type { CollectionFigures } from './collections.ts'
import { NoCounters, WITHOUT_COUNTERS, type WithoutCounters } from './counters-file.ts'
import { figuresOf, gcFiguresOf, type JvmFacts, type JvmFigures } from './jvm.ts'
import type { JvmProcess } from './jvm-process.ts'
import type { ThreadFigures } from './thread-times.ts'

/** Reasons that someone should look into; the others are how the workload was set up. */
const SUSPICIOUS: ReadonlySet<WithoutCounters> = new Set([
  WITHOUT_COUNTERS.malformed,
  WITHOUT_COUNTERS.unsafe,
  WITHOUT_COUNTERS.failed,
])

type Measured = JvmFigures &
  CollectionFigures &
  ThreadFigures & { readonly codeResidentBytes: number | undefined }

const COLUMNS: readonly (readonly [keyof Measured, string])[] = [
  ['heapUsedBytes', 'heap_used_bytes'],
  ['heapCommittedBytes', 'heap_committed_bytes'],
  ['heapMaxBytes', 'heap_max_bytes'],
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
  ['codeResidentBytes', 'code_resident_bytes'],
]

const columnsOf = (measured: Partial<Measured>): Figures =>
  Object.fromEntries(COLUMNS.map(([figure, column]) => [column, measured[figure]]))

/** `shared` names the counters files that several living processes have open. */
export function say({ process, tasks }: Seen, jvm: JvmProcess, shared: ReadonlySet<string>): Said {
  if (tasks !== undefined) jvm.threads.look(tasks)
  const counters = jvm.read(process, shared)
  const { facts } = jvm
  const { capabilities, codeResidentBytes } = jvm.surroundings
  const described: Facts = {
    ...ofMachine(process),
    ...(facts && ofFacts(facts)),
    'candor.jvm.capabilities': capabilities,
    'candor.jvm.counters.filesystem': jvm.fileSystem,
  }
  const outside = { ...jvm.threads.figures(facts?.collector), codeResidentBytes }
  if (counters instanceof NoCounters || facts === undefined)
    return {
      facts: described,
      figures: columnsOf(outside),
      ...(counters instanceof NoCounters && { unread: unreadOf(counters) }),
    }
  const figures = figuresOf(counters, facts)
  const measured = { ...figures, ...jvm.collections.look(counters, facts), ...outside }
  const believed = [
    believedCpus(facts.flags),
    believedMemory(figures.heapMaxBytes, 'hsperfdata maxCapacity of the generations'),
  ]
  return {
    facts: Object.assign({}, described, ...believed.map((each) => each?.facts)),
    figures: Object.assign(columnsOf(measured), ...believed.map((each) => each?.figures)),
    collectors: facts.collectors.map(({ index, name }) => ({
      name,
      figures: { ...gcFiguresOf(counters, facts, index) } satisfies Figures,
    })),
  }
}

const unreadOf = (why: NoCounters): Unread => ({
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
  'candor.jvm.collector': facts.collector,
  'candor.jvm.main': facts.main,
  'candor.runtime.name': facts.main,
  'candor.jvm.flags': facts.flags?.join(' '),
})
