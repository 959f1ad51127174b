/** Which column of which table a data point belongs in: the catalogue, indexed by OTel names. */
import type { EntityKind } from '../../catalog/entity.ts'
import type { Metric, Table } from '../../catalog/metric.ts'
import { tables } from '../../catalog/tables.ts'

/** Columns of one table that share OTel name and unit and the attributes that tell them apart. */
export interface Family {
  readonly table: Table
  readonly keys: readonly string[]
  readonly constants: readonly string[]
  /** Position in the table, by the values of the constants. */
  readonly columns: Map<string, number>
}

export interface Place {
  readonly table: Table
  readonly column: number
  readonly metric: Metric
  /** Values of the table's keys. */
  readonly keys: readonly string[]
}

const NONE: readonly Family[] = []

/** No name, unit or value of the catalogue has a NUL in it. */
const join = (...parts: readonly string[]) => parts.join('\0')

const index = new Map<string, Family[]>()
for (const table of tables) {
  for (const family of familiesOf(table)) {
    const known = index.get(family.name)
    if (known === undefined) index.set(family.name, [family])
    else known.push(family)
  }
}

function familiesOf(table: Table): (Family & { readonly name: string })[] {
  const keys = table.keys.map(({ attribute }) => attribute)
  const families = new Map<string, Family & { readonly name: string }>()
  for (const [i, { otel, unit, attributes = {} }] of table.metrics.entries()) {
    const constants = Object.keys(attributes).toSorted()
    const name = join(table.entity, otel, unit)
    const id = join(name, ...constants)
    let family = families.get(id)
    if (family === undefined) {
      family = { name, table, keys, constants, columns: new Map() }
      families.set(id, family)
    }
    family.columns.set(join(...constants.map((key) => attributes[key]!)), i)
  }
  return [...families.values()]
}

/** Families of a metric; none when the catalogue does not know it for this kind of entity. */
export const familiesOfMetric = (kind: EntityKind, name: string, unit: string): readonly Family[] =>
  index.get(join(kind, name, unit)) ?? NONE

/** The column of a point: its attributes are the keys and constants of a family, and nothing else. */
export function placeOf(
  families: readonly Family[],
  attributes: ReadonlyMap<string, string>,
): Place | undefined {
  for (const { table, keys, constants, columns } of families) {
    if (attributes.size !== keys.length + constants.length) continue
    const column = columns.get(join(...constants.map((name) => attributes.get(name) ?? '')))
    if (column === undefined || !keys.every((name) => attributes.has(name))) continue
    return {
      table,
      column,
      metric: table.metrics[column]!,
      keys: keys.map((name) => attributes.get(name)!),
    }
  }
  return undefined
}
