/** Rows of a cgroup's disks: figures, and the same bytes under cAdvisor's second name. */
import { containerBlkio, containerDisk } from '../../catalog/tables/container-disk.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { Entity, Row } from '../../wire/sample.ts'
import type { BlockDevices } from './block-devices.ts'
import { EntityRows } from './entity-rows.ts'

const disk = (column: string) => columnOf(containerDisk, column)
const blkio = (column: string) => columnOf(containerBlkio, column)

export const DISK = {
  readBytes: disk('read_bytes'),
  writtenBytes: disk('written_bytes'),
  discardedBytes: disk('discarded_bytes'),
  reads: disk('reads'),
  writes: disk('writes'),
  discards: disk('discards'),
  readsMerged: disk('reads_merged'),
  writesMerged: disk('writes_merged'),
  readSeconds: disk('read_seconds'),
  writeSeconds: disk('write_seconds'),
  ioSeconds: disk('io_seconds'),
  ioNow: disk('io_now'),
  costUsage: disk('cost_usage_seconds'),
  costWait: disk('cost_wait_seconds'),
  costIndebt: disk('cost_indebt_seconds'),
  costIndelay: disk('cost_indelay_seconds'),
} as const

export const BLKIO = {
  read: blkio('read'),
  write: blkio('write'),
  sync: blkio('sync'),
  async: blkio('async'),
  discard: blkio('discard'),
  total: blkio('total'),
} as const

export class DiskRows {
  readonly disks: EntityRows
  readonly usage: EntityRows
  #rows: readonly Row[] = []
  #parts: readonly (readonly Row[])[] = []

  constructor(entity: Entity, devices: BlockDevices) {
    this.disks = new EntityRows(containerDisk, entity, (numbers) => [devices.nameOf(numbers)])
    this.usage = new EntityRows(containerBlkio, entity, (numbers) => {
      const [major = '', minor = ''] = numbers.split(':')
      return [devices.nameOf(numbers), major, minor]
    })
  }

  describe(entity: Entity): void {
    this.disks.describe(entity)
    this.usage.describe(entity)
  }

  begin(): void {
    this.disks.begin()
    this.usage.begin()
  }

  finish(): readonly Row[] {
    const disks = this.disks.finish()
    const usage = this.usage.finish()
    if (disks !== this.#parts[0] || usage !== this.#parts[1]) {
      this.#parts = [disks, usage]
      this.#rows = [...disks, ...usage]
    }
    return this.#rows
  }

  get cut(): boolean {
    return this.disks.cut || this.usage.cut
  }
}
