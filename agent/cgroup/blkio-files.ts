/**
 * Which files of a cgroup of v1 tell of its disks.
 *
 * BFQ, CFQ and throttling each count, as the kernel was built and as each disk's scheduler is. The
 * first of these that has figures is read from then on; another would make counters jump. Until one
 * has, the last that there is gets watched, since it counts whatever the scheduler.
 */
import { ABSENT, type Heat, HEATS, type KernelFile } from '../read/files.ts'
import { DETAILS, namesDevice, parseBytes, parseFigure, SERVICED } from './blkio.ts'
import type { CgroupDirectory, OpenFiles } from './cgroup-files.ts'
import type { DiskRows } from './disk-rows.ts'

interface Source {
  readonly prefix: string
  readonly suffix: string
  readonly hasDetails: boolean
}

const SOURCES: readonly Source[] = [
  { prefix: 'blkio.bfq.', suffix: '_recursive', hasDetails: true },
  { prefix: 'blkio.', suffix: '_recursive', hasDetails: true },
  { prefix: 'blkio.throttle.', suffix: '_recursive', hasDetails: false },
  { prefix: 'blkio.throttle.', suffix: '', hasDetails: false },
]
const BYTES = 'io_service_bytes'

const nameOf = ({ prefix, suffix }: Source, figure: string) => `${prefix}${figure}${suffix}`

/** Its rows are made when there is something to tell. */
interface WithDisks {
  readonly disks: DiskRows
}

export class BlkioFiles {
  readonly #open: OpenFiles
  readonly #directory: CgroupDirectory
  /** Has figures, or is watched until one has. */
  #source: Source | undefined
  #hasFigures = false
  #bytes: KernelFile | undefined
  #serviced: KernelFile | undefined
  #total = Number.NaN
  /** Whether bytes have changed since operations were read. */
  isServicedDue = false

  constructor(open: OpenFiles, directory: CgroupDirectory) {
    this.#open = open
    this.#directory = directory
  }

  /** Looks for files with figures; each minute until there are some. */
  look(): void {
    if (this.#hasFigures) return
    let last: Source | undefined
    for (const source of SOURCES) {
      const end = this.#open.once(this.#directory, nameOf(source, BYTES))
      if (end < 0) continue
      last = source
      this.#hasFigures = namesDevice(this.#open.files.bytes, end)
      if (this.#hasFigures) break
    }
    if (last === this.#source) return
    this.#source = last
    this.#bytes = this.#add(BYTES, HEATS.lessNeeded)
    this.#serviced = this.#add(SERVICED.name, HEATS.afterChange)
  }

  #add(figure: string, heat: Heat): KernelFile | undefined {
    return this.#source && this.#open.add(this.#directory, nameOf(this.#source, figure), heat)
  }

  /** Reads the bytes of all disks. */
  readBytes(cgroup: WithDisks): void {
    let end = this.#open.read(this.#bytes)
    if (!this.#hasFigures) {
      if (end < 0 || !namesDevice(this.#open.files.bytes, end)) return
      this.look()
      end = this.#open.read(this.#bytes)
    }
    const { disks } = cgroup
    disks.begin()
    if (end < 0) return
    const total = parseBytes(this.#open.files.bytes, end, disks)
    this.isServicedDue ||= total !== this.#total
    this.#total = total
  }

  /** Reads the operations of the disks of which bytes are known. */
  readServiced(cgroup: WithDisks): void {
    this.isServicedDue = false
    const end = this.#hasFigures ? this.#open.read(this.#serviced) : ABSENT
    if (end >= 0) parseFigure(this.#open.files.bytes, end, cgroup.disks.disks, SERVICED)
  }

  /** Reads what only the schedulers count. */
  readDetails(cgroup: WithDisks): void {
    if (!this.#hasFigures || this.#source === undefined || !this.#source.hasDetails) return
    for (const figure of DETAILS) {
      const end = this.#open.once(this.#directory, nameOf(this.#source, figure.name))
      if (end >= 0) parseFigure(this.#open.files.bytes, end, cgroup.disks.disks, figure)
    }
  }
}
