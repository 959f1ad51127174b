/** Passes that could come from a machine, for properties of what writes and reads them. */
import fc from 'fast-check'
import type { Table } from '../../catalog/metric.ts'
import { tables } from '../../catalog/tables.ts'
import { emptyRow, type Entity, type Pass, type Row } from '../../wire/sample.ts'

/** Text that kernels and runtimes can put into a label, the awkward kinds included. */
export const labelText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '/', '/docker/4f1e', 'a"b\\c\nd', 'ä\u0000\u{1f600}'),
)

const value = fc.oneof(
  fc.constant(Number.NaN),
  fc.integer({ min: -5, max: 1_000 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
)

const entityOf = (kind: Entity['kind']): fc.Arbitrary<Entity> =>
  fc.record(
    {
      kind: fc.constant(kind),
      attributes: fc.dictionary(
        fc.constantFrom('host.id', 'candor.cgroup.path', 'container.name', 'process.pid', 'x.y'),
        labelText,
      ),
      startMs: fc.integer({ min: 1, max: 4_102_444_800_000 }),
    },
    { requiredKeys: ['kind', 'attributes'] },
  )

const rowOf = (table: Table, entity: Entity): fc.Arbitrary<Row> =>
  fc
    .record({
      keys: fc.tuple(...table.keys.map(() => labelText)),
      values: fc.array(value, {
        minLength: table.metrics.length,
        maxLength: table.metrics.length,
      }),
    })
    .map(({ keys, values }) => {
      const row = emptyRow(table, entity, keys)
      row.values.set(values)
      return row
    })

/** A few tables at a time: all of them would be thousands of values a pass. */
const rowsOf = (entity: Entity): fc.Arbitrary<Row[]> =>
  fc
    .shuffledSubarray(tables.filter((table) => table.entity === entity.kind))
    .map((some) => some.slice(0, 5))
    .chain((some) =>
      fc.tuple(
        ...some.map((table) =>
          fc.uniqueArray(rowOf(table, entity), {
            maxLength: table.keys.length === 0 ? 1 : 3,
            selector: (row) => row.keys.join('\0'),
          }),
        ),
      ),
    )
    .map((rows) => rows.flat())

/** Entities differ in their identity, rows of an entity in their keys, as those of an agent do. */
export const passes: fc.Arbitrary<Pass> = fc
  .record({
    timeMs: fc.integer({ min: 1, max: 4_102_444_800_000 }),
    entities: fc.uniqueArray(
      fc.constantFrom<Entity['kind']>('machine', 'container', 'runtime').chain(entityOf),
      { maxLength: 4, selector: (entity) => JSON.stringify([entity.kind, entity.attributes]) },
    ),
  })
  .chain(({ timeMs, entities }) =>
    fc.tuple(...entities.map(rowsOf)).map((rows): Pass => ({ timeMs, rows: rows.flat() })),
  )
