/**
 * Huge pages of one cgroup, by size.
 *
 * Source: hugetlb.SIZE.*, Documentation/admin-guide/cgroup-v1/hugetlb.rst and cgroup-v2.rst
 */
import { containerHugetlb } from '../../catalog/tables/container-hugetlb.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { parseLimit, parseNumber } from '../read/scan.ts'
import type { CgroupDirectory, OpenFiles } from './cgroup-files.ts'

const at = (column: string) => columnOf(containerHugetlb, column)

const events = new KeyedFile('hugetlb.events', [{ key: 'max', column: 0, factor: 1 }])
const one = new Float64Array(1)

function parseEvents(bytes: Uint8Array, end: number): number {
  events.parse(bytes, end, one)
  return one[0]!
}

interface HugetlbFile {
  readonly name: string
  readonly column: number
  readonly parse: (bytes: Uint8Array, end: number) => number
}

/** The first file of each is there wherever the controller is on. */
export const V1_HUGETLB: readonly HugetlbFile[] = [
  { name: 'usage_in_bytes', column: at('usage_bytes'), parse: parseNumber },
  { name: 'max_usage_in_bytes', column: at('max_usage_bytes'), parse: parseNumber },
  { name: 'failcnt', column: at('failcnt'), parse: parseNumber },
  { name: 'limit_in_bytes', column: at('limit_bytes'), parse: parseLimit },
  { name: 'rsvd.usage_in_bytes', column: at('reserved_bytes'), parse: parseNumber },
]

export const V2_HUGETLB: readonly HugetlbFile[] = [
  { name: 'current', column: at('usage_bytes'), parse: parseNumber },
  { name: 'events', column: at('failcnt'), parse: parseEvents },
  { name: 'max', column: at('limit_bytes'), parse: parseLimit },
  { name: 'rsvd.current', column: at('reserved_bytes'), parse: parseNumber },
]

export class HugetlbRows {
  readonly #files: readonly HugetlbFile[]
  #rows: readonly Row[] = []

  constructor(files: readonly HugetlbFile[]) {
    this.#files = files
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  read(
    open: OpenFiles,
    directory: CgroupDirectory | undefined,
    sizes: readonly string[],
    entity: Entity,
  ): void {
    const isThere = (size: string) =>
      open.once(directory, `hugetlb.${size}.${this.#files[0]!.name}`) >= 0
    const there = sizes.filter(isThere)
    if (there.length !== this.#rows.length) {
      this.#rows = there.map((size) => emptyRow(containerHugetlb, entity, [size]))
    }
    for (const { keys, values } of this.#rows) {
      for (const { name, column, parse } of this.#files) {
        const end = open.once(directory, `hugetlb.${keys[0]}.${name}`)
        values[column] = end < 0 ? Number.NaN : parse(open.files.bytes, end)
      }
    }
  }

  describe(entity: Entity): void {
    this.#rows = this.#rows.map((row) => ({ ...row, entity }))
  }
}
