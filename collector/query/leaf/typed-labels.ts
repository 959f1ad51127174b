/** Labels of a series of a typed table: what the catalogue, the entity and the keys say. */
import type { Metric, Table } from '../../../catalog/metric.ts'
import { Labels } from '../grid/labels.ts'
import type { KnownEntity, LabelsCache } from './labels-cache.ts'
import { constantLabels, entityAttributes } from './places.ts'

/** `keys` are values of the table's keys, in their order. */
export function typedSeriesLabels(
  cache: LabelsCache,
  known: KnownEntity,
  table: Table,
  metric: Metric,
  keys: readonly string[],
): Labels {
  let key = `${table.name}.${metric.column}`
  for (const value of keys) key += `\0${value}`
  return cache.ofEntity(known, key, () =>
    Labels.of([
      ...[...entityAttributes(table)].map(
        ([label, attribute]) => [label, known.attributes.get(attribute) ?? ''] as const,
      ),
      ...table.keys.map(({ label }, i) => [label, keys[i]!] as const),
      ...Object.entries(constantLabels(metric)),
    ]),
  )
}
