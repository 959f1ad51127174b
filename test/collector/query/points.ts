/** Rows into a batch by the names of their columns, for tests that need something in the store. */
import { createHash } from 'node:crypto'
import type { Table } from '../../../catalog/metric.ts'
import type { ColumnBatch } from '../../../collector/store/columns.ts'
import {
  entityShape,
  pointShape,
  seriesShape,
  typedShape,
} from '../../../collector/store/schema.ts'
import type { Shape } from '../../../collector/store/shape.ts'

type Labels = Readonly<Record<string, string>>

export function addRow(
  batch: ColumnBatch,
  shape: Shape,
  values: Readonly<Record<string, string | number | bigint>>,
): void {
  const table = batch.table(shape)
  const row = table.add()
  for (const [name, value] of Object.entries(values)) {
    const column = shape.columns.findIndex((each) => each.name === name)
    if (column < 0) throw new Error(`${shape.table} has no column ${name}`)
    if (typeof value === 'string') table.setText(column, row, value)
    else if (typeof value === 'number') table.setNumber(column, row, value)
    else table.setId(column, row, value)
  }
}

export function addSeries(
  batch: ColumnBatch,
  name: string,
  labels: Labels,
  points: readonly (readonly [timeMs: number, value: number])[],
  tenant = '',
): void {
  const times = points.map(([time]) => time)
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, name, labels]))
    .digest()
  const series = digest.readBigUInt64BE()
  addRow(batch, seriesShape, {
    tenant,
    series,
    name,
    kind: name.endsWith('_total') ? 'counter' : 'gauge',
    labels: JSON.stringify(labels),
    first_seen: Math.min(...times),
    last_seen: Math.max(...times),
  })
  for (const [ts, value] of points) addRow(batch, pointShape, { tenant, series, ts, value })
}

export function addEntity(
  batch: ColumnBatch,
  kind: string,
  entity: bigint,
  seenMs: number,
  attributes: Labels,
): void {
  addRow(batch, entityShape, {
    kind,
    entity,
    attributes: JSON.stringify(attributes),
    first_seen: seenMs,
    last_seen: seenMs,
  })
}

export function addTyped(
  batch: ColumnBatch,
  table: Table,
  entity: bigint,
  ts: number,
  values: Readonly<Record<string, string | number>>,
): void {
  addRow(batch, typedShape(table), { entity, ts, ...values })
}
