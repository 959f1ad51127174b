/** Rows of a made-up fleet, in the form in which the receiver hands them to a store. */
import { createHash } from 'node:crypto'
import { columnOf, tables } from '../../../catalog/tables.ts'
import { ColumnBatch, type TableColumns } from '../../../collector/store/columns.ts'
import { entityShape, firstMetric, typedShape } from '../../../collector/store/schema.ts'

export type Values = Readonly<Record<string, number>>

export interface Seen {
  readonly kind: 'machine' | 'container' | 'runtime'
  readonly attributes: Readonly<Record<string, string>>
}

export const machine = (host: string): Seen => ({
  kind: 'machine',
  attributes: {
    'host.id': `id-of-${host}`,
    'host.name': host,
    'os.version': '6.12.1',
    'candor.cgroup.mode': 'v2',
    'candor.agent.version': '0.1.0',
  },
})

export const container = (host: string, path: string, more: Seen['attributes'] = {}): Seen => ({
  kind: 'container',
  attributes: {
    'host.id': `id-of-${host}`,
    'candor.cgroup.path': path,
    'candor.cgroup.inode': '4242',
    'candor.cgroup.level': 'container',
    'candor.memory.limit.cgroup': path,
    'container.name': path.slice(path.lastIndexOf('/') + 1),
    'container.runtime.name': 'docker',
    ...more,
  },
})

export const jvm = (
  host: string,
  pid: number,
  path: string,
  more: Seen['attributes'] = {},
): Seen => ({
  kind: 'runtime',
  attributes: {
    'host.id': `id-of-${host}`,
    'process.pid': String(pid),
    'process.creation.time': '2026-11-01T10:00:00Z',
    'process.runtime.name': 'jvm',
    'process.runtime.version': '21.0.5',
    'candor.cgroup.path': path,
    'container.name': path.slice(path.lastIndexOf('/') + 1),
    'candor.jvm.main': 'shop.Main',
    'candor.jvm.collector': 'G1',
    'candor.jvm.flags': '-XX:MaxRAMPercentage=80.0 -Xss1m',
    ...more,
  },
})

export const idOf = ({ kind, attributes }: Seen): bigint =>
  createHash('sha256')
    .update(
      [
        kind,
        attributes['host.id'],
        attributes['process.pid'],
        attributes['candor.cgroup.path'],
        attributes['candor.cgroup.inode'],
      ].join('\0'),
    )
    .digest()
    .readBigUInt64BE()

export class FleetRows {
  readonly batch = new ColumnBatch()
  readonly #tenant: string
  readonly #announced = new Map<bigint, number>()

  constructor(tenant = '') {
    this.#tenant = tenant
  }

  /** One row of a typed table; columns that are not named are absent. */
  add(
    table: string,
    entity: Seen,
    timeMs: number,
    values: Values,
    keys: readonly string[] = [],
  ): this {
    const found = tables.find(({ name }) => name === table)!
    const columns = this.batch.table(typedShape(found))
    const row = columns.add()
    this.#lead(columns, row, idOf(entity), timeMs)
    for (const [i, key] of keys.entries()) columns.setText(3 + i, row, key)
    for (const [column, value] of Object.entries(values)) {
      columns.setNumber(firstMetric(found) + columnOf(found, column), row, value)
    }
    this.#announce(entity, timeMs)
    return this
  }

  #lead(columns: TableColumns, row: number, id: bigint, timeMs: number): void {
    columns.setText(0, row, this.#tenant)
    columns.setId(1, row, id)
    columns.setNumber(2, row, timeMs)
  }

  #announce(entity: Seen, timeMs: number): void {
    const id = idOf(entity)
    const columns = this.batch.table(entityShape)
    let row = this.#announced.get(id)
    if (row === undefined) {
      row = columns.add()
      this.#announced.set(id, row)
      columns.setText(0, row, this.#tenant)
      columns.setText(1, row, entity.kind)
      columns.setId(2, row, id)
      columns.setText(3, row, JSON.stringify(entity.attributes))
      columns.setNumber(4, row, timeMs)
    }
    columns.setNumber(5, row, timeMs)
  }
}
