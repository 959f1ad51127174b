/**
 * Where samples of a name may be: columns of typed tables, which the catalogue names, and series of the
 * narrow table, which have any name. What a matcher says of a name, or of a label that the catalogue gives,
 * is decided here; what it says of an entity or of a key is left to the store.
 */
import { AGENT_JOB, entities, type EntityType } from '../../../catalog/entity.ts'
import type { Metric, Table } from '../../../catalog/metric.ts'
import { typedTables } from '../../../catalog/tables.ts'
import { METRIC_NAME } from '../grid/labels.ts'
import type { Matcher } from '../language/tree.ts'
import { passes } from './decided.ts'

/** A selector; what it says of the name may be a matcher or none at all. */
export interface Selection {
  readonly name?: string
  readonly matchers: readonly Matcher[]
}

/** Columns of a table of which the same is left to ask. */
export interface TypedPlace {
  readonly table: Table
  readonly metrics: readonly Metric[]
  /** Of labels that the entity gives. */
  readonly ofEntity: readonly Matcher[]
  /** Of labels that are columns of the table. */
  readonly ofKeys: readonly Matcher[]
}

/** With the name as one of them. */
export const allMatchers = ({ name, matchers }: Selection): readonly Matcher[] =>
  name === undefined ? matchers : [{ label: METRIC_NAME, operator: '=', value: name }, ...matchers]

/** Attribute of the entity that each label of its series comes from. */
export function entityAttributes({ entity }: Table): ReadonlyMap<string, string> {
  const { labels }: EntityType = entities[entity]
  return new Map([
    ['instance', 'host.name'],
    ...labels.map(({ label, attribute }) => [label, attribute] as const),
  ])
}

/** What the catalogue alone says of a series of this column. */
export const constantLabels = ({ prom, labels }: Metric): Readonly<Record<string, string>> => ({
  [METRIC_NAME]: prom,
  job: AGENT_JOB,
  ...labels,
})

/** Tables that have a column of the name; all, where it is not told. */
const tablesOf: ReadonlyMap<string, ReadonlySet<Table>> = (() => {
  const found = new Map<string, Set<Table>>()
  for (const table of typedTables) {
    for (const { prom } of table.metrics) {
      const tables = found.get(prom)
      if (tables === undefined) found.set(prom, new Set([table]))
      else tables.add(table)
    }
  }
  return found
})()

const NO_TABLES: readonly Table[] = []

/** In all tables. Throws QueryError where a pattern is none. */
export function typedPlaces(selection: Selection): TypedPlace[] {
  const { name } = selection
  const tables = name === undefined ? typedTables : (tablesOf.get(name) ?? NO_TABLES)
  const matchers = allMatchers(selection)
  return [...tables].flatMap((table) => placesIn(table, matchers))
}

/** Throws QueryError where a pattern is none. */
export function placesIn(table: Table, matchers: readonly Matcher[]): TypedPlace[] {
  const keys = new Set(table.keys.map(({ label }) => label))
  const attributes = entityAttributes(table)
  const places = new Map<string, TypedPlace & { readonly metrics: Metric[] }>()
  for (const metric of table.metrics) {
    const constants = constantLabels(metric)
    const isGiven = ({ label }: Matcher) =>
      Object.hasOwn(constants, label) || !(keys.has(label) || attributes.has(label))
    if (!matchers.every((each) => !isGiven(each) || passes(each, constants[each.label] ?? ''))) {
      continue
    }
    const left = matchers.filter((each) => !isGiven(each))
    // The same matchers, so positions tell them apart.
    const key = left.map((each) => matchers.indexOf(each)).join(' ')
    const place = places.get(key)
    if (place !== undefined) {
      place.metrics.push(metric)
      continue
    }
    places.set(key, {
      table,
      metrics: [metric],
      ofEntity: left.filter(({ label }) => !keys.has(label)),
      ofKeys: left.filter(({ label }) => keys.has(label)),
    })
  }
  return [...places.values()]
}
