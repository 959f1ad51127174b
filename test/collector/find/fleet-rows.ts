/** Rows of a made-up fleet, in the form in which the receiver hands them to a store. */
import { createHash } from 'node:crypto'
import { columnOf, tables } from '../../../catalog/tables.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
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

  constructor(tenant = '') {
    this.#tenant = tenant
  }

  /** One row of a typed table; columns that are not named are absent. */
  add(table: string, of: Seen, timeMs: number, values: Values, keys: readonly string[] = []): this {
    const found = tables.find(({ name }) => name === table)!
    const columns = this.batch.table(typedShape(found))
    const row = columns.append([this.#tenant, idOf(of), timeMs, ...keys])
    for (const [column, value] of Object.entries(values)) {
      columns.setNumber(firstMetric(found) + columnOf(found, column), row, value)
    }
    this.batch
      .table(entityShape)
      .append([this.#tenant, of.kind, idOf(of), JSON.stringify(of.attributes), timeMs, timeMs])
    return this
  }
}
