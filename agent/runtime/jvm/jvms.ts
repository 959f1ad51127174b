/** All JVMs of the machine, by pid: what each says, and which of them share a counters file. */
import type { Facts, Figures, KindReader, Said, Seen, Unread } from '../kind.ts'
import { NoCounters, WITHOUT_COUNTERS, type WithoutCounters } from './counters-file.ts'
import { figuresOf, gcFiguresOf, type JvmFacts, type JvmFigures } from './jvm.ts'
import { JvmProcess } from './jvm-process.ts'

/** Reasons that someone should look into; the others are how the workload was set up. */
const SUSPICIOUS: ReadonlySet<WithoutCounters> = new Set([
  WITHOUT_COUNTERS.malformed,
  WITHOUT_COUNTERS.unsafe,
  WITHOUT_COUNTERS.failed,
])

const COLUMNS: Readonly<Record<keyof JvmFigures, string>> = {
  heapUsedBytes: 'heap_used_bytes',
  heapCommittedBytes: 'heap_committed_bytes',
  heapMaxBytes: 'heap_max_bytes',
  metaspaceUsedBytes: 'metaspace_used_bytes',
  metaspaceCommittedBytes: 'metaspace_committed_bytes',
  threads: 'threads',
  classes: 'classes',
  safepoints: 'safepoints',
  safepointSeconds: 'safepoint_seconds',
  safepointSyncSeconds: 'safepoint_sync_seconds',
}

export class Jvms implements KindReader {
  readonly #procfs: string
  readonly #known = new Map<number, JvmProcess>()

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  get openFiles(): number {
    let files = 0
    for (const { fileKey } of this.#known.values()) if (fileKey !== undefined) files += 1
    return files
  }

  read(seen: readonly Seen[]): ReadonlyMap<number, Said> {
    const found = seen
      .map((each) => ({ ...each, jvm: this.#knownOf(each.process.pid) }))
      .filter(({ process, jvm }) => jvm.find(this.#procfs, process))
    // All files are opened before the first is read: only then it shows which of them are shared.
    const shared = this.#sharedFiles()
    return new Map(found.map((each) => [each.process.pid, say(each, shared)]))
  }

  forget(pid: number): void {
    this.#known.get(pid)?.close()
    this.#known.delete(pid)
  }

  #knownOf(pid: number): JvmProcess {
    const known = this.#known.get(pid) ?? new JvmProcess()
    this.#known.set(pid, known)
    return known
  }

  #sharedFiles(): ReadonlySet<string> {
    const seen = new Set<string>()
    const shared = new Set<string>()
    for (const { fileKey } of this.#known.values()) {
      if (fileKey === undefined) continue
      if (seen.has(fileKey)) shared.add(fileKey)
      seen.add(fileKey)
    }
    return shared
  }
}

type Known = Seen & { readonly jvm: JvmProcess }

function say({ process, jvm }: Known, shared: ReadonlySet<string>): Said {
  const counters = jvm.read(process, shared)
  const { facts } = jvm
  const described = { facts: { ...ofMachine(process), ...(facts && ofFacts(facts)) } }
  if (counters instanceof NoCounters) return { ...described, unread: unreadOf(counters) }
  if (facts === undefined) return described
  const figures = figuresOf(counters, facts)
  return {
    ...described,
    figures: Object.fromEntries(
      Object.entries(COLUMNS).map(([figure, column]) => [
        column,
        figures[figure as keyof JvmFigures],
      ]),
    ),
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

const ofMachine = ({ machine }: Seen['process']): Facts => ({
  'process.runtime.description': machine === 'openj9' ? 'OpenJ9' : undefined,
})

const ofFacts = (facts: JvmFacts): Facts => ({
  'process.runtime.version': facts.version,
  'process.runtime.description': facts.description,
  'candor.jvm.collector': facts.collector,
  'candor.jvm.main': facts.main,
  'candor.runtime.name': facts.main,
  'candor.jvm.flags': facts.flags?.join(' '),
})
