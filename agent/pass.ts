/**
 * One pass: every reader reads, and what they found is a list of rows.
 *
 * Readers do not know of each other: the failure of one is told in its report and costs none of the
 * others' samples. Rows are kept from pass to pass and overwritten.
 */
import { errors } from '../catalog/error.ts'
import { machineReader } from '../catalog/tables/machine-reader.ts'
import { machineUnread } from '../catalog/tables/machine-unread.ts'
import { machine } from '../catalog/tables/machine.ts'
import { columnOf } from '../catalog/tables.ts'
import { type Log, RepeatedWarnings } from '../settings/log.ts'
import { emptyRow, type Ended, type Entity, type Pass, type Row } from '../wire/sample.ts'
import { Cgroups } from './cgroup/cgroups.ts'
import { Endings } from './cgroup/endings.ts'
import { Life } from './cgroup/life.ts'
import { detectLayout } from './cgroup/mode.ts'
import { isRefusal, KernelFiles } from './read/files.ts'
import { readMachine } from './machine/machine-entity.ts'
import { MalformedFile } from './read/malformed.ts'
import type { MachineReader, Off, Reading } from './machine/reader.ts'
import { machineReaders } from './machine/readers.ts'
import { Runtimes } from './runtime/runtimes.ts'
import { SlowRound } from './slow-round.ts'

export interface ReaderReport {
  readonly name: string
  readonly state: 'on' | 'off' | 'failed'
  /** Why it is off or failed. */
  readonly reason?: string
  readonly cure?: string
  /** Of its last run. */
  readonly durationSeconds: number
  readonly rows: number
  /** Its rows of tables with a key. */
  readonly found: readonly Row[]
  /** Columns of the machine's row that it filled. */
  readonly columns: readonly number[]
}

export interface Unread {
  readonly kind: 'container' | 'runtime'
  readonly reason: string
  readonly count: number
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
  /** Kernel files that may stay open, instead of a share of this process's limit. */
  readonly mostOpenFiles?: number
}

export const READERS: readonly Omit<MachineReader, 'open'>[] = [
  ...machineReaders,
  { name: 'cgroup', help: 'Containers and services: cgroups of v1, v2 or both.' },
  { name: 'jvm', help: 'Java virtual machines: /proc and their hsperfdata.' },
]

/** The machine's name and the kind of its cgroups are looked at again after this time. */
const MACHINE_MS = 60_000
const BOOT_TIME = columnOf(machine, 'boot_time_seconds')
const DURATION = columnOf(machineReader, 'duration_seconds')
const SUCCESS = columnOf(machineReader, 'success')
const ENTITIES = columnOf(machineUnread, 'entities')

interface Reader {
  readonly name: string
  readonly slow: boolean
  /** Its row of `machine_reader`. */
  readonly row: Row
  read(timeMs: number): Reading | Off
  /** Of a slow reader: its place in the round, and what it said last. */
  readonly place: number
  report?: ReaderReport
}

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
  #readers: readonly Reader[] = []
  #slowRound = new SlowRound(0)
  readonly #endings: Endings
  #cgroups: Cgroups | undefined
  #life: Life | undefined
  #unread: Unread[] = []
  /** Those of the newest pass, and those of them that are cgroups' and runtimes'. */
  #rows: Row[] = []
  #cgroupRows: Row[] = []
  #runtimeRows: Row[] = []
  #ended: readonly Ended[] = []

  constructor(options: SamplerOptions) {
    const { procfs, sysfs, cgroupfs = `${sysfs}/fs/cgroup`, rootfs = '/' } = options
    const { log, mostOpenFiles } = options
    this.#options = options
    this.#files = new KernelFiles({ procfs, sysfs, cgroupfs, rootfs }, mostOpenFiles)
    this.#warnings = new RepeatedWarnings(log)
    this.#machine = this.#readMachine()
    this.#machineRow = emptyRow(machine, this.#machine)
    this.#endings = new Endings(() => this.#machine)
    this.#runtimes = isOn(options, 'jvm') ? this.#openRuntimes() : undefined
    this.#open()
  }

  /** `timeMs` is Unix time; it stamps the rows and must not come from another clock. */
  pass(timeMs: number): AgentPass {
    const started = performance.now()
    this.#renewMachine(timeMs)
    const { values } = this.#machineRow
    values.fill(Number.NaN)
    this.#unread = []
    const rows: Row[] = [this.#machineRow]
    this.#cgroupRows = []
    this.#runtimeRows = []
    const readers: ReaderReport[] = []
    for (const { name, offByDefault } of READERS) {
      const reader = this.#readers.find((one) => one.name === name)
      const report =
        reader === undefined ? offByFlag(name, offByDefault) : this.#run(reader, timeMs)
      readers.push(report)
      if (report.state !== 'off') rows.push(reader!.row)
      for (const found of report.found) rows.push(found)
    }
    rows.push(...this.#unreadRows())
    this.#rows = rows
    this.#life?.passed(timeMs)
    return {
      timeMs,
      rows,
      ended: [...this.#ended, ...(this.#runtimes?.takeEnded() ?? [])],
      readers,
      unread: this.#unread,
      durationSeconds: (performance.now() - started) / 1000,
      openFiles: this.#files.openFiles + (this.#runtimes?.openFiles ?? 0),
    }
  }

  close(): void {
    this.#closeFiles()
    this.#runtimes?.close()
  }

  #closeFiles(): void {
    this.#life?.close()
    this.#cgroups?.close()
    this.#files.closeAll()
  }

  #unreadRows(): Row[] {
    return this.#unread.map(({ kind, reason, count }) => {
      const row = emptyRow(machineUnread, this.#machine, [kind, reason])
      row.values[ENTITIES] = count
      return row
    })
  }

  #run(reader: Reader, timeMs: number): ReaderReport {
    const { slow, place, report } = reader
    if (!slow) return this.#read(reader, timeMs)
    const isDue = this.#slowRound.isDue(place, timeMs)
    if (report !== undefined && !isDue) return report
    reader.report = this.#read(reader, timeMs)
    return reader.report
  }

  /** After a failure the machine's row is as it was before. */
  #read(reader: Reader, timeMs: number): ReaderReport {
    const { name, row } = reader
    const { values } = this.#machineRow
    const before = values.slice()
    const started = performance.now()
    let outcome: Reading | Off | Error
    try {
      outcome = reader.read(timeMs)
    } catch (error) {
      values.set(before)
      outcome = error as Error
      this.#warnings.warn(name, { err: error, reader: name }, 'reader failed', timeMs)
    }
    const durationSeconds = (performance.now() - started) / 1000
    const none = { name, durationSeconds, rows: 0, found: [], columns: [] }
    if ('reason' in outcome) return { ...none, ...outcome, state: 'off' }
    row.values[DURATION] = durationSeconds
    row.values[SUCCESS] = outcome instanceof Error ? 0 : 1
    if (outcome instanceof Error) return { ...none, ...explain(outcome), state: 'failed' }
    const found = outcome.rows
    const rows = found.length + (outcome.machine ? 1 : 0)
    const columns = outcome.machine ? filled(before, values) : []
    return { name, state: 'on', durationSeconds, rows, found, columns }
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
    this.#cgroups?.look(timeMs)
    this.#closeFiles()
    this.#machine = now
    this.#machineRow = emptyRow(machine, now)
    this.#endings.finished.renew()
    this.#open()
  }

  #open(): void {
    const context = {
      files: this.#files,
      machine: this.#machine,
      values: this.#machineRow.values,
      settings: this.#options.settings ?? {},
    }
    const layout = detectLayout(this.#files)
    const { log, onChange, settings } = this.#options
    this.#cgroups =
      isOn(this.#options, 'cgroup') && layout.mode !== 'none'
        ? new Cgroups(this.#files, this.#machine, layout, {
            endings: this.#endings,
            ...(settings && { settings }),
          })
        : undefined
    this.#life =
      this.#cgroups === undefined || onChange === undefined
        ? undefined
        : new Life({ cgroups: this.#cgroups, log, onChange: () => this.#changed(onChange) })
    const readers = [
      ...machineReaders
        .filter(({ name }) => isOn(this.#options, name))
        .map(({ name, slow = false, open }) => ({ name, slow, read: open(context) })),
      { name: 'cgroup', slow: false, read: (timeMs: number) => this.#readCgroups(timeMs) },
      { name: 'jvm', slow: false, read: (timeMs: number) => this.#readRuntimes(timeMs) },
    ]
    let slow = 0
    this.#readers = readers
      .filter(({ name }) => isOn(this.#options, name))
      .map((reader) => ({
        ...reader,
        row: emptyRow(machineReader, this.#machine, [reader.name]),
        place: reader.slow ? slow++ : 0,
      }))
    this.#slowRound = new SlowRound(slow)
  }

  #openRuntimes(): Runtimes {
    const { procfs, log } = this.#options
    return new Runtimes({
      procfs,
      log,
      machine: () => this.#machine,
      bootTimeMs: () => this.#bootTimeMs(),
      containerOf: (pid) => this.#cgroups?.containerOf(pid),
    })
  }

  #readCgroups(timeMs: number): Reading | Off {
    if (this.#cgroups === undefined) {
      return {
        reason: `no cgroups at ${this.#files.paths.cgroupfs}`,
        cure: 'mount them, or set --path.sysfs to where /sys is mounted',
      }
    }
    const { unread } = this.#cgroups.read(timeMs)
    const { ended, leftOut } = this.#endings.take()
    this.#ended = ended
    this.#count('container', unread)
    if (leftOut > 0) this.#count('container', new Map([['endedEntities', leftOut]]))
    this.#cgroupRows = this.#rowsOfCgroups()
    return { rows: this.#cgroupRows, machine: false }
  }

  /**
   * A container came or ended since the newest pass. Its rows are seen at once, and what ran in one
   * that ended is seen no more; the sums over those that ended have it in the same moment.
   */
  #changed(onChange: () => void): void {
    const cgroupRows = this.#rowsOfCgroups()
    const paths = new Set(cgroupRows.map(pathOf))
    const ended = new Set(this.#cgroupRows.map(pathOf)).difference(paths)
    const runtimeRows = this.#runtimeRows.filter((row) => !ended.has(pathOf(row)))
    const before = new Set([...this.#cgroupRows, ...this.#runtimeRows])
    const others = this.#rows.filter((row) => !before.has(row))
    refill(this.#cgroupRows, cgroupRows)
    refill(this.#runtimeRows, runtimeRows)
    refill(this.#rows, others, cgroupRows, runtimeRows)
    onChange()
  }

  #rowsOfCgroups(): Row[] {
    return [...this.#endings.finished.rows, ...this.#cgroups!.rows()]
  }

  #readRuntimes(timeMs: number): Reading {
    const { rows, unread } = this.#runtimes!.read(timeMs)
    this.#count('runtime', unread)
    this.#runtimeRows = rows
    return { rows, machine: false }
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

  #count(kind: Unread['kind'], unread: ReadonlyMap<string, number>): void {
    for (const [reason, count] of unread) this.#unread.push({ kind, reason, count })
  }
}

/** Who holds such a list, a report for one, sees what it holds now. */
function refill(list: Row[], ...parts: readonly (readonly Row[])[]): void {
  list.length = 0
  for (const part of parts) for (const row of part) list.push(row)
}

const pathOf = ({ entity }: Row): string | undefined => entity.attributes['candor.cgroup.path']

const offByDefault = new Set(
  READERS.flatMap(({ name, offByDefault: off }) => (off === true ? [name] : [])),
)

const isOn = ({ readers }: SamplerOptions, name: string): boolean =>
  readers[name] ?? !offByDefault.has(name)

const offByFlag = (name: string, byDefault = false): ReaderReport => ({
  name,
  state: 'off',
  reason: byDefault ? 'off by default' : 'switched off',
  cure: byDefault ? `add --collector.${name}` : `remove --no-collector.${name}`,
  durationSeconds: 0,
  rows: 0,
  found: [],
  columns: [],
})

/** Columns that were absent before and are present now. */
function filled(before: Float64Array, now: Float64Array): number[] {
  const columns: number[] = []
  for (let i = 0; i < now.length; i += 1) {
    if (Number.isNaN(before[i]!) && !Number.isNaN(now[i]!)) columns.push(i)
  }
  return columns
}

function explain(error: Error): Off {
  const { message: reason } = error
  if (error instanceof MalformedFile) return { reason, cure: errors[error.code].cure }
  return {
    reason,
    cure: isRefusal(error)
      ? 'run the agent as a user that may read this file'
      : 'see the log for details',
  }
}

function sameAttributes(a: Entity, b: Entity): boolean {
  const names = Object.keys(a.attributes)
  return (
    names.length === Object.keys(b.attributes).length &&
    names.every((name) => a.attributes[name] === b.attributes[name])
  )
}
