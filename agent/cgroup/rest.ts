/**
 * What v1 and v2 tell in the same way: the rows with a key, the processes, and what is read once a
 * minute of both.
 */
import { limits } from '../../catalog/limit.ts'
import type { Entity, Row } from '../../wire/sample.ts'
import { isRefusal, type KernelFiles } from '../read/files.ts'
import type { CgroupDirectory, OpenFiles, UnreadPart } from './cgroup-files.ts'
import * as column from './columns.ts'
import { DiskRows } from './disk-rows.ts'
import { HugetlbRows, type V1_HUGETLB } from './hugetlb.ts'
import { ContainerNetwork } from './network.ts'
import { findBelow, lookAtProcesses, type Procs, readProcs } from './processes.ts'
import { HIDDEN } from './seen.ts'
import type { Shared } from './shared.ts'

const NO_ROWS: readonly Row[] = []
/** More processes than this have more descriptors than are looked at. */
const MOST_PIDS = limits.containerDescriptors.value

type ProcsHere = Procs | typeof HIDDEN | undefined

const isProcs = (procs: ProcsHere): procs is Procs => procs !== undefined && procs !== HIDDEN

export class Rest {
  #disks: DiskRows | undefined
  readonly #shared: Shared
  readonly #files: KernelFiles
  readonly #procs: CgroupDirectory | undefined
  readonly #network: ContainerNetwork
  readonly #hugetlb: HugetlbRows
  #entity: Entity
  #isProcessesUnread = false
  #last: ProcsHere
  #rows: readonly Row[] = NO_ROWS
  #parts: readonly (readonly Row[])[] = [NO_ROWS, NO_ROWS, NO_ROWS]

  /** `procs` is a directory whose `cgroup.procs` has its processes. */
  constructor(
    shared: Shared,
    entity: Entity,
    procs: CgroupDirectory | undefined,
    hugetlb: typeof V1_HUGETLB,
  ) {
    this.#shared = shared
    this.#files = shared.files
    this.#entity = entity
    this.#procs = procs
    this.#network = new ContainerNetwork(shared.files, shared.networks, entity)
    this.#hugetlb = new HugetlbRows(hugetlb)
  }

  describe(entity: Entity): void {
    this.#entity = entity
    this.#disks?.describe(entity)
    this.#network.describe(entity)
    this.#hugetlb.describe(entity)
  }

  /** Made when they are first asked for: most cgroups never use a disk. */
  get disks(): DiskRows {
    this.#disks ??= new DiskRows(this.#entity, this.#shared.devices)
    return this.#disks
  }

  /** Where there is nothing to tell of disks. */
  tellNoDisks(): void {
    this.#disks?.begin()
  }

  /** Once a minute, and at the end: then the network stays, which went with the last process. */
  readSlow(
    open: OpenFiles,
    hugetlb: CgroupDirectory | undefined,
    values: Float64Array,
    isLast: boolean,
  ): void {
    const made = this.#entity.startMs
    values[column.START_TIME] = made === undefined ? Number.NaN : made / 1000
    values[column.CREATION_TIME] = values[column.START_TIME]!
    this.#hugetlb.read(open, hugetlb, this.#shared.pageSizes, this.#entity)
    const procs = this.#readProcs(this.#procs, this.#shared.looksAtProcesses ? MOST_PIDS : 1)
    this.#last = isProcs(procs) ? { ...procs, pids: procs.pids.slice(0, 1) } : procs
    if (!isLast) this.#network.look(this.#pidOf(procs))
    values[column.PROCESSES] = isProcs(procs) ? procs.count : Number.NaN
    if (this.#shared.looksAtProcesses && isProcs(procs)) this.#lookAt(procs, values)
  }

  readNetwork(): void {
    if (this.#network.read()) return
    this.#network.look(this.#pidOf(this.#readProcs(this.#procs, 1)))
    this.#network.read()
  }

  readLastNetwork(): void {
    this.#network.readLast()
  }

  /**
   * After `readSlow`: on v1 a process may be in different cgroups by different controllers. Their
   * number and the first of them stand for all.
   */
  sharesProcessesWith(directory: CgroupDirectory | undefined): boolean {
    if (directory === undefined || directory.path === this.#procs?.path) return true
    const others = this.#readProcs(directory, 1)
    const own = this.#last
    if (!isProcs(own) || !isProcs(others)) return own === others
    return own.count === others.count && own.pids[0] === others.pids[0]
  }

  #readProcs(directory: CgroupDirectory | undefined, most: number): ProcsHere {
    try {
      return directory && readProcs(this.#files, directory.path, most)
    } catch (error) {
      if (isRefusal(error)) return HIDDEN
      throw error
    }
  }

  /** 0 where it is hidden. */
  #pidOf(procs: ProcsHere): number | undefined {
    const pid = isProcs(procs) ? (procs.pids[0] ?? this.#pidOfParts()) : procs
    return pid === HIDDEN ? 0 : pid
  }

  #pidOfParts(): number | typeof HIDDEN | undefined {
    const { attributes } = this.#entity
    if (attributes['candor.cgroup.level'] !== 'container') return undefined
    return this.#procs && findBelow(this.#files, this.#procs.path)
  }

  #lookAt(procs: Procs, values: Float64Array): void {
    try {
      this.#isProcessesUnread = !lookAtProcesses(this.#files, procs, values)
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.#isProcessesUnread = true
    }
  }

  /** All rows with a key; the same array while they are the same rows. */
  rows(): readonly Row[] {
    const disks = this.#disks === undefined ? NO_ROWS : this.#disks.finish()
    const network = this.#network.finish()
    const hugetlb = this.#hugetlb.rows
    const parts = this.#parts
    if (disks !== parts[0] || network !== parts[1] || hugetlb !== parts[2]) {
      this.#parts = [disks, network, hugetlb]
      this.#rows = [...disks, ...network, ...hugetlb]
    }
    return this.#rows
  }

  get unread(): UnreadPart | undefined {
    if (this.#network.isUnread) return 'network'
    if (this.#isProcessesUnread) return 'containerDescriptors'
    return this.#disks?.cut === true || this.#network.cut ? 'containerRows' : undefined
  }

  close(): void {
    this.#network.leave()
  }
}
