/**
 * The Prometheus text exposition, version 0.0.4 or OpenMetrics 1.0, from rows of the catalogue.
 *
 *   exposition = family*
 *   family     = `# HELP ` name ` ` help `\n` `# TYPE ` name ` ` kind `\n` line*
 *   line       = name (`{` label `="` value `"` (`,` label …)* `}`)? ` ` number `\n`
 *
 * No timestamps: a series that has one is not marked stale when it ends. An absent column has no line.
 * Families stand in the order of their names.
 *
 * A large machine has tens of thousands of lines. So bytes are copied, not text: what a line says
 * before its number stays with the row from pass to pass. And so that nothing else has to wait, the
 * exposition is made in chunks, between which other work may run, even the next pass, which
 * overwrites the rows: what is rendered is a snapshot of their values, 8 bytes each.
 */
import { entities } from '../catalog/entity.ts'
import type { Metric, Table } from '../catalog/metric.ts'
import { tables } from '../catalog/tables.ts'
import {
  type FamilyHead,
  FORMATS,
  type Format,
  formatLabels,
  headOf,
  type Labels,
  stemOf,
} from './exposition-format.ts'
import { ChunkWriter } from './exposition-text.ts'
import { prometheusLabels } from './names.ts'
import type { Entity, ForeignFamily, Row } from './sample.ts'

/** Series of one name: columns of one table or of several, by the position of each. */
interface Family {
  readonly prom: string
  readonly head: FamilyHead
  readonly name: Buffer
  readonly heads: Readonly<Record<Format, Buffer>>
  readonly columns: readonly {
    readonly table: Table
    /** The constant labels of `constant` are a position in those of the table. */
    readonly places: readonly { readonly index: number; readonly constant: number }[]
  }[]
}

/** The constant labels that occur in a table. */
const constantsOf = new Map<Table, Labels[]>(tables.map((table) => [table, [[]]]))

/** Of everything that can be rendered. */
const knownNames = new Set(tables.flatMap(({ metrics }) => metrics.map(({ prom }) => prom)))
const isKnown = (name: string): boolean => knownNames.has(name)

const families: readonly Family[] = planFamilies()

/** Label bytes of a row, one for each set of constant labels of its table. */
const labelBytes = new WeakMap<Row, readonly Buffer[]>()

/** Values of one moment, safe from the next pass. */
export interface Snapshot {
  readonly parts: ReadonlyMap<Table, Part>
  readonly foreign: readonly ForeignFamily[]
}

interface Part {
  readonly rows: readonly Row[]
  /** Those of each row, from when they are needed first. */
  readonly labels: (readonly Buffer[] | undefined)[]
  /** Of all rows, one after the other. */
  readonly values: Float64Array
}

/** `only` names the columns that are wanted of a row; of one that it does not have, all are. */
export function takeSnapshot(
  rows: readonly Row[],
  foreign: readonly ForeignFamily[] = [],
  only: ReadonlyMap<Row, readonly number[]> = new Map(),
): Snapshot {
  const parts = new Map<Table, Part>()
  for (const [table, ofTable] of Map.groupBy(rows, (row) => row.table)) {
    const width = table.metrics.length
    const values = new Float64Array(ofTable.length * width)
    for (let r = 0; r < ofTable.length; r++) {
      const row = ofTable[r]!
      const columns = only.size === 0 ? undefined : only.get(row)
      if (columns === undefined) {
        values.set(row.values, r * width)
        continue
      }
      values.fill(Number.NaN, r * width, (r + 1) * width)
      for (const column of columns) values[r * width + column] = row.values[column]!
    }
    parts.set(table, { rows: ofTable, labels: Array.from({ length: ofTable.length }), values })
  }
  return { parts, foreign }
}

/** About this many bytes are one chunk: a fraction of a millisecond. */
const CHUNK_BYTES = 64 << 10
/** Making labels is dearer than copying them: after this many it is time for others. */
const LABELLED = 64

/**
 * The whole exposition as UTF-8, a chunk at a time. A chunk is a view that the next one overwrites;
 * it is empty where time has passed but nothing is to be sent yet.
 */
export function* renderChunks(
  { parts, foreign }: Snapshot,
  format: Format = 'text',
): Generator<Buffer, void, void> {
  const writer = new ChunkWriter(CHUNK_BYTES)
  const foreignNames = new Set(foreign.map(({ name }) => name))
  const isTaken = (name: string) => isKnown(name) || foreignNames.has(name)
  const others = foreign.map(foreignFamily).toSorted((a, b) => byName(a.head.prom, b.head.prom))
  let next = 0
  /** What stands before a name, or all the rest. */
  function* othersBefore(prom?: string): Generator<Buffer, void, void> {
    for (; next < others.length; next++) {
      const { head, lines } = others[next]!
      if (prom !== undefined && head.prom > prom) return
      writer.append(headOf(head, format, isTaken))
      for (const [name, labels, value] of lines) {
        writer.line(Buffer.from(name), Buffer.from(formatLabels(labels)), value)
        if (writer.full) yield writer.take()
      }
    }
  }
  for (const family of families) {
    let started = false
    for (const { table, places } of family.columns) {
      const part = parts.get(table)
      if (part === undefined) continue
      const { rows, labels, values } = part
      const width = table.metrics.length
      let labelled = 0
      for (let r = 0; r < rows.length; r++) {
        for (const { index, constant } of places) {
          const value = values[r * width + index]!
          // NaN: absent.
          if (value !== value) continue
          if (!started) {
            yield* othersBefore(family.prom)
            const torn = foreignNames.size > 0 && foreignNames.has(stemOf(family.prom))
            writer.append(torn ? headOf(family.head, format, isTaken) : family.heads[format])
            started = true
          }
          let ofRow = labels[r]
          if (ofRow === undefined) {
            ofRow = labelsOf(rows[r]!)
            labels[r] = ofRow
            labelled += ofRow.length
          }
          writer.line(family.name, ofRow[constant]!, value)
        }
        if (writer.full || labelled >= LABELLED) {
          labelled = 0
          yield writer.take()
        }
      }
    }
  }
  yield* othersBefore()
  writer.append(FORMATS[format].end)
  yield writer.take()
}

/** Labels that a table takes from the attributes of the entity, named as a collector names them. */
function attributeLabels({ attributeLabels: prefix }: Table, { attributes }: Entity): Labels {
  if (prefix === undefined) return []
  const found = Object.entries(attributes).filter(([name]) => name.startsWith(prefix))
  return Object.entries(prometheusLabels(new Map(found)))
}

/** Made once in the life of a row. */
function labelsOf(row: Row): readonly Buffer[] {
  const known = labelBytes.get(row)
  if (known !== undefined) return known
  const { table, entity, keys } = row
  const ofRow: Labels = [
    ...entities[entity.kind].labels.map(
      ({ label, attribute }) => [label, entity.attributes[attribute] ?? ''] as const,
    ),
    ...table.keys.map(({ label }, i) => [label, keys[i] ?? ''] as const),
    ...attributeLabels(table, entity),
  ]
  const made = constantsOf
    .get(table)!
    .map((constant) => Buffer.from(formatLabels([...constant, ...ofRow])))
  labelBytes.set(row, made)
  return made
}

/** The whole at once, for those who have nothing else to do meanwhile. */
export const renderRows = (
  rows: readonly Row[],
  format: Format = 'text',
  foreign: readonly ForeignFamily[] = [],
): Buffer =>
  Buffer.concat(
    Array.from(renderChunks(takeSnapshot(rows, foreign), format), (chunk) => Buffer.from(chunk)),
  )

/** A family that no table has: few samples, of which nothing is kept. */
interface OtherFamily {
  readonly head: FamilyHead
  readonly lines: Iterable<readonly [name: string, labels: Labels, value: number]>
}

const foreignFamily = ({ name, type, help, samples }: ForeignFamily): OtherFamily => ({
  head: { prom: name, kind: type, help },
  lines: samples.values().map((sample) => [sample.name, sample.labels, sample.value] as const),
})

function planFamilies(): Family[] {
  const columns = tables.flatMap((table) =>
    table.metrics.map((metric, index) => {
      const constants = constantsOf.get(table)!
      const { labels } = metric
      const constant = labels === undefined ? 0 : constants.push(Object.entries(labels)) - 1
      return { table, metric, place: { index, constant } }
    }),
  )
  return [...Map.groupBy(columns, ({ metric }) => metric.prom)]
    .map(([prom, ofName]): Family => ({
      prom,
      head: ofName[0]!.metric,
      name: Buffer.from(prom),
      heads: headsOf(ofName[0]!.metric),
      columns: [...Map.groupBy(ofName, ({ table }) => table)].map(([table, ofTable]) => ({
        table,
        places: ofTable.map(({ place }) => place),
      })),
    }))
    .toSorted((a, b) => byName(a.prom, b.prom))
}

/** Most machines lack most of what can be measured, so each is made when it is first written. */
function headsOf(metric: Metric): Readonly<Record<Format, Buffer>> {
  const made: Partial<Record<Format, Buffer>> = {}
  return {
    get text() {
      return (made.text ??= headOf(metric, 'text', isKnown))
    },
    get openmetrics() {
      return (made.openmetrics ??= headOf(metric, 'openmetrics', isKnown))
    },
  }
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}
