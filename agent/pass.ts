/**
 * One pass: every reader reads, and what they found is a list of rows.
 *
 * Readers do not know of each other: the failure of one is told in its report and costs none of the
 * others' samples. Rows are kept from pass to pass and overwritten.
 */
import { machineReader } from '../catalog/tables/machine-reader.ts'
import { machine } from '../catalog/tables/machine.ts'
import { columnOf } from '../catalog/tables.ts'
import { type Log, RepeatedWarnings } from '../settings/log.ts'
import { emptyRow, type Entity, type ForeignFamily, type Pass, type Row } from '../wire/sample.ts'
import { apart } from './apart/apart.ts'
import { Containers } from './cgroup/containers.ts'
import type { Identities } from './identity/identities.ts'
import { detectLayout } from './cgroup/mode.ts'
import { LiveRows } from './live-rows.ts'
import { cgroupFlags } from './cgroup/shared.ts'
import { KernelFiles } from './read/files.ts'
import { readMachine } from './machine/machine-entity.ts'
import { MalformedFile } from './read/malformed.ts'
import { type MachineReader, type Off, type Reading, rowsOnly } from './machine/reader.ts'
import { machineReaders } from './machine/readers.ts'
import { offByFlag, type Reader, runReader } from './run-reader.ts'
import { DEEP, INTROSPECTION_FLAG, introspectionFlags } from './runtime/introspection.ts'
import { Runtimes } from './runtime/runtimes.ts'
import { SlowRound } from './slow-round.ts'
import { type Unread, UnreadCounts } from './unread-counts.ts'

export interface ReaderReport {
  readonly name: string
  readonly state: 'on' | 'off' | 'failed'
  /** Why it is off or failed, or what it may miss. */
  readonly reason?: string
  readonly cure?: string
  /** It is off since the machine has no such thing. */
  readonly notHere?: true
  /** It is off by default or by a flag. */
  readonly notAsked?: true
  /** Of its last run. */
  readonly durationSeconds: number
  readonly rows: number
  /** Its rows of tables with a key. */
  readonly found: readonly Row[]
  /** Columns of the machine's row that it filled. */
  readonly columns: readonly number[]
  /** What others measured and it hands on. */
  readonly foreign?: readonly ForeignFamily[]
}

export interface AgentPass extends Pass {
  readonly readers: readonly ReaderReport[]
  readonly unread: readonly Unread[]
  readonly durationSeconds: number
  /** Kernel files that are kept open. */
  readonly openFiles: number
}

export interface SamplerOptions {
  readonly procfs: string
  readonly sysfs: string
  /** `sysfs`/fs/cgroup unless it is mounted elsewhere. */
  readonly cgroupfs?: string
  /** Where the machine's root directory is mounted; `/` unless the agent runs in a container. */
  readonly rootfs?: string
  /** By the names in `READERS`; one that is not named is as it is by default. */
  readonly readers: Readonly<Record<string, boolean>>
  /** Values of the readers' own flags, by their names. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly log: Log
  readonly agentVersion: string
  /**
   * Follows containers between passes, by inotify. Then the rows of the newest pass change when one
   * comes or ends: they are what `onChange` tells of.
   */
  readonly onChange?: () => void
  /** Says whose containers are, beyond their paths. */
  readonly identities?: Identities | undefined
  /** Kernel files that may stay open, instead of a share of this process's limit. */
  readonly mostOpenFiles?: number
}

export const READERS: readonly Omit<MachineReader, 'open'>[] = [
  ...machineReaders,
  {
    name: 'cgroup',
    help: 'Containers and services: cgroups of v1, v2 or both.',
    flags: cgroupFlags,
  },
  {
    name: 'jvm',
    help: 'Runtimes: what /proc tells of JVMs, Go, Node.js, .NET, Python and others, and hsperfdata.',
    flags: introspectionFlags,
  },
]

const NO_PROCFS: Off = {
  reason: 'no /proc under --path.procfs',
  cure: 'set --path.procfs to where /proc is mounted',
}

/** The machine's name and the kind of its cgroups are looked at again after this time. */
const MACHINE_MS = 60_000
const BOOT_TIME = columnOf(machine, 'boot_time_seconds')

/** All rows of the machine share one: what is written here is seen in each. */
interface MachineEntity extends Entity {
  startMs?: number
}

export class Sampler {
  readonly #options: SamplerOptions
  readonly #files: KernelFiles
  readonly #warnings: RepeatedWarnings
  readonly #runtimes: Runtimes | undefined
  #machine: MachineEntity
  #machineRow: Row
  #machineMs = Number.NEGATIVE_INFINITY
  /** In the order of `READERS`; of one that is off by a flag its report. */
  #listed: readonly (Reader | ReaderReport)[] = []
  #slowRound = new SlowRound(0)
  readonly #containers: Containers | undefined
  #unread = new UnreadCounts()
  #live = new LiveRows()

  constructor(options: SamplerOptions) {
    const { procfs, sysfs, cgroupfs = `${sysfs}/fs/cgroup`, rootfs = '/' } = options
    const { log, mostOpenFiles } = options
    this.#options = options
    this.#files = new KernelFiles({ procfs, sysfs, cgroupfs, rootfs }, mostOpenFiles)
    this.#warnings = new RepeatedWarnings(log)
    this.#machine = this.#readMachine()
    this.#machineRow = emptyRow(machine, this.#machine)
    this.#containers = isOn(options, 'cgroup') ? this.#makeContainers() : undefined
    this.#runtimes = isOn(options, 'jvm') ? this.#openRuntimes() : undefined
    this.#open()
  }

  /** `timeMs` is Unix time; it stamps the rows and must not come from another clock. */
  pass(timeMs: number): AgentPass {
    const started = performance.now()
    this.#renewMachine(timeMs)
    const { values } = this.#machineRow
    values.fill(Number.NaN)
    const unread = new UnreadCounts()
    this.#unread = unread
    const live = new LiveRows()
    this.#live = live
    const rows = live.all
    rows.push(this.#machineRow)
    const readers: ReaderReport[] = []
    for (const reader of this.#listed) {
      const { name } = reader
      const report = 'state' in reader ? reader : this.#run(reader, timeMs)
      const trouble = name === 'cgroup' && report.state === 'on' && this.#containers?.trouble
      readers.push(trouble ? { ...report, ...trouble } : report)
      if (report.state !== 'off' && 'row' in reader) rows.push(reader.row)
      for (const found of report.found) rows.push(found)
    }
    readers.push(...(this.#options.identities?.reports() ?? []))
    const { ended = [], leftOut = 0 } = this.#containers?.takeEnded() ?? {}
    if (leftOut > 0) unread.count('container', new Map([['endedEntities', leftOut]]))
    rows.push(...unread.rows(this.#machine))
    return {
      timeMs,
      rows,
      ended: [...ended, ...(this.#runtimes?.takeEnded() ?? [])],
      foreign: readers.flatMap(({ foreign = [] }) => foreign),
      readers,
      unread: unread.all,
      durationSeconds: (performance.now() - started) / 1000,
      openFiles: this.#files.openFiles + (this.#runtimes?.openFiles ?? 0),
    }
  }

  /** More is known of whose containers are: the rows of the newest pass say it from now on. */
  learn(): void {
    if (this.#containers !== undefined) this.#live.change(this.#containers.rows())
  }

  close(): void {
    this.#closeFiles()
    this.#runtimes?.close()
  }

  #closeFiles(): void {
    this.#containers?.close()
    this.#files.closeAll()
  }

  #run(reader: Reader, timeMs: number): ReaderReport {
    const { slow, place, report } = reader
    if (!slow) return runReader(reader, this.#machineRow.values, timeMs, this.#warnings)
    const isDue = this.#slowRound.isDue(place, timeMs)
    if (report !== undefined && !isDue) return report
    reader.report = runReader(reader, this.#machineRow.values, timeMs, this.#warnings)
    return reader.report
  }

  #readMachine(): MachineEntity {
    const { mode } = detectLayout(this.#files)
    return readMachine(this.#files, mode, this.#options.agentVersion)
  }

  /**
   * A machine may get its name, or mount its cgroups, after the agent started; and each time its
   * clock is set, its boot time changes. Runtimes stay: each has its start, and with it its identity,
   * from the clock that it was met under.
   */
  #renewMachine(timeMs: number): void {
    const since = timeMs - this.#machineMs
    if (since >= 0 && since < MACHINE_MS) return
    const first = this.#machineMs === Number.NEGATIVE_INFINITY
    this.#machineMs = timeMs
    if (first) return
    const now = this.#readMachine()
    if (sameAttributes(now, this.#machine)) {
      if (now.startMs !== undefined) this.#machine.startMs = now.startMs
      return
    }
    // What ended since the last pass is still known under the name that the machine had then.
    this.#containers?.look(timeMs)
    this.#closeFiles()
    this.#machine = now
    this.#machineRow = emptyRow(machine, now)
    this.#open()
  }

  #open(): void {
    const context = {
      files: this.#files,
      machine: this.#machine,
      values: this.#machineRow.values,
      settings: this.#options.settings ?? {},
    }
    this.#containers?.open()
    const readers = [
      ...machineReaders
        .filter(({ name }) => isOn(this.#options, name))
        .map(({ name, slow = false, open }) => ({ name, slow, read: open(context) })),
      { name: 'cgroup', slow: false, read: (timeMs: number) => this.#readContainers(timeMs) },
      { name: 'jvm', slow: false, read: (timeMs: number) => this.#readRuntimes(timeMs) },
    ]
    let slow = 0
    const opened = new Map<string, Reader>(
      readers
        .filter(({ name }) => isOn(this.#options, name))
        .map((reader) => [
          reader.name,
          {
            ...reader,
            row: emptyRow(machineReader, this.#machine, [reader.name]),
            place: reader.slow ? slow++ : 0,
          },
        ]),
    )
    this.#listed = READERS.map(
      ({ name, offByDefault: off }) => opened.get(name) ?? offByFlag(name, off),
    )
    this.#slowRound = new SlowRound(slow)
  }

  #makeContainers(): Containers {
    const { settings, identities, onChange, log } = this.#options
    const changed = (): void => {
      this.#live.change(this.#containers!.rows())
      onChange?.()
    }
    return new Containers({
      files: this.#files,
      machine: () => this.#machine,
      settings,
      identities,
      onChange: onChange && changed,
      log,
    })
  }

  #openRuntimes(): Runtimes {
    const { procfs, log, settings } = this.#options
    return new Runtimes({
      procfs,
      log,
      machine: () => this.#machine,
      bootTimeMs: () => this.#bootTimeMs(),
      containerOf: (pid) => this.#containers?.containerOf(pid),
      ...(settings?.[INTROSPECTION_FLAG] === DEEP && { apart }),
    })
  }

  #readContainers(timeMs: number): Reading | Off {
    const unread = this.#containers!.read(timeMs)
    if ('reason' in unread) return unread
    this.#unread.count('container', unread)
    for (const row of this.#containers!.rows()) this.#live.cgroups.push(row)
    return rowsOnly(this.#live.cgroups)
  }

  #readRuntimes(timeMs: number): Reading | Off {
    if (!this.#files.exists(this.#options.procfs)) return NO_PROCFS
    const { rows, unread } = this.#runtimes!.read(timeMs)
    this.#unread.count('runtime', unread)
    for (const row of rows) this.#live.runtimes.push(row)
    return rowsOnly(this.#live.runtimes)
  }

  /**
   * Start times of processes count from it: without it a runtime would get a false identity. That of
   * this pass comes first, since the clock may have been set after the machine was looked at.
   */
  #bootTimeMs(): number {
    const bootTimeSeconds = this.#machineRow.values[BOOT_TIME]!
    if (!Number.isNaN(bootTimeSeconds)) return bootTimeSeconds * 1000
    const { startMs } = this.#machine
    if (startMs === undefined) throw new MalformedFile('stat', '', 'a line btime')
    return startMs
  }
}

const offByDefault = new Set(
  READERS.flatMap(({ name, offByDefault: off }) => (off === true ? [name] : [])),
)

const isOn = ({ readers }: SamplerOptions, name: string): boolean =>
  readers[name] ?? !offByDefault.has(name)

function sameAttributes(a: Entity, b: Entity): boolean {
  const names = Object.keys(a.attributes)
  return (
    names.length === Object.keys(b.attributes).length &&
    names.every((name) => a.attributes[name] === b.attributes[name])
  )
}
