/**
 * The Prometheus text exposition, version 0.0.4, from rows of the catalogue.
 *
 *   exposition = family*
 *   family     = `# HELP ` name ` ` help `\n` `# TYPE ` name ` ` kind `\n` line*
 *   line       = name (`{` label `="` value `"` (`,` label …)* `}`)? ` ` number `\n`
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 * No timestamps: a series that has one is not marked stale when it ends. An absent column has no line.
 *
 * A large machine has tens of thousands of lines, so bytes are copied, not text: what a line says
 * before its number stays with the row from pass to pass.
 */
import { entities } from '../catalog/entity.ts'
import type { Metric, Table } from '../catalog/metric.ts'
import type { OwnMetric } from '../catalog/own.ts'
import { tables } from '../catalog/tables.ts'
import type { Row } from './sample.ts'

/** Of this process itself; label values stand in the order of `metric.labels`, empty ones are left out. */
export interface OwnSample {
  readonly metric: OwnMetric
  readonly labelValues: readonly string[]
  readonly value: number
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Series of one name: columns of one table, by the position of each. */
interface Family {
  readonly head: Buffer
  readonly name: Buffer
  readonly columns: readonly { readonly index: number; readonly constant: number }[]
}

interface TablePlan {
  readonly table: Table
  readonly families: readonly Family[]
  /** The constant labels that occur in the table, `Family.columns[].constant` is a position here. */
  readonly constants: readonly Labels[]
}

type Labels = readonly (readonly [label: string, value: string])[]

const plans: readonly TablePlan[] = tables.map(planOf)

/** Label bytes of a row, one for each set of constant labels of its table. */
const labelBytes = new WeakMap<Row, readonly Buffer[]>()

/** Size of the last exposition: the next one is about as long. */
let expectedBytes = 64 << 10

/** The newest pass and what the process says of itself, as UTF-8. */
export function renderRows(rows: readonly Row[], own: readonly OwnSample[]): Buffer {
  const rowsByTable = Map.groupBy(rows, (row) => row.table)
  const text = new Text(expectedBytes)
  for (const plan of plans) {
    const ofTable = rowsByTable.get(plan.table)
    if (ofTable !== undefined) renderTable(text, plan, ofTable)
  }
  for (const [metric, samples] of Map.groupBy(own, (sample) => sample.metric)) {
    renderOwn(text, metric, samples)
  }
  expectedBytes = text.length + (text.length >> 3) + 1024
  return text.bytes()
}

function renderTable(text: Text, plan: TablePlan, rows: readonly Row[]): void {
  const labels = rows.map((row) => labelsOf(plan, row))
  for (const { head, name, columns } of plan.families) {
    let started = false
    for (let r = 0; r < rows.length; r++) {
      const { values } = rows[r]!
      for (const { index, constant } of columns) {
        const value = values[index]!
        if (Number.isNaN(value)) continue
        if (!started) text.append(head)
        started = true
        text.append(name)
        text.append(labels[r]![constant]!)
        text.number(value)
        text.newline()
      }
    }
  }
}

function labelsOf(plan: TablePlan, row: Row): readonly Buffer[] {
  const known = labelBytes.get(row)
  if (known !== undefined) return known
  const { labels } = entities[row.entity.kind]
  const ofRow: Labels = [
    ...labels.map(
      ({ label, attribute }) => [label, row.entity.attributes[attribute] ?? ''] as const,
    ),
    ...plan.table.keys.map(({ label }, i) => [label, row.keys[i] ?? ''] as const),
  ]
  const made = plan.constants.map((constant) => Buffer.from(formatLabels([...constant, ...ofRow])))
  labelBytes.set(row, made)
  return made
}

function renderOwn(text: Text, metric: OwnMetric, samples: readonly OwnSample[]): void {
  text.append(headOf(metric))
  for (const { labelValues, value } of samples) {
    const labels = metric.labels.map((label, i) => [label, labelValues[i] ?? ''] as const)
    text.append(Buffer.from(metric.prom + formatLabels(labels)))
    text.number(value)
    text.newline()
  }
}

function planOf(table: Table): TablePlan {
  const constants: Labels[] = [[]]
  const families = [...Map.groupBy(table.metrics, (metric) => metric.prom)].map(
    ([prom, metrics]): Family => ({
      head: headOf(metrics[0]!),
      name: Buffer.from(prom),
      columns: metrics.map((metric) => ({
        index: table.metrics.indexOf(metric),
        constant:
          metric.labels === undefined ? 0 : constants.push(Object.entries(metric.labels)) - 1,
      })),
    }),
  )
  return { table, families, constants }
}

function headOf({ prom, help, kind }: Pick<Metric, 'prom' | 'help' | 'kind'>): Buffer {
  return Buffer.from(`# HELP ${prom} ${help.replace(/[\\\n]/g, escape)}\n# TYPE ${prom} ${kind}\n`)
}

/** With the space that stands before the number; sorted by name, as the exporters of the field do. */
function formatLabels(labels: Labels): string {
  const present = labels.filter(([, value]) => value !== '')
  if (present.length === 0) return ' '
  const pairs = present
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value.replace(/[\\"\n]/g, escape)}"`)
  return `{${pairs.join(',')}} `
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}

/** UTF-8 that grows at its end. */
class Text {
  #bytes: Buffer
  length = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  #reserve(size: number): void {
    const needed = this.length + size
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
  }

  append(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  newline(): void {
    this.#reserve(1)
    this.#bytes[this.length++] = 10
  }

  /** The shortest text that reads back as the same double; whole numbers without a string. */
  number(value: number): void {
    this.#reserve(32)
    if (value >= 0 && Number.isSafeInteger(value)) {
      this.#digits(value)
      return
    }
    const text = Number.isFinite(value)
      ? String(value)
      : value > 0
        ? '+Inf'
        : value < 0
          ? '-Inf'
          : 'NaN'
    this.length += this.#bytes.write(text, this.length, 'latin1')
  }

  #digits(value: number): void {
    let width = 1
    for (let power = 10; power <= value; power *= 10) width++
    let rest = value
    for (let at = this.length + width - 1; at >= this.length; at--) {
      const tens = Math.floor(rest / 10)
      this.#bytes[at] = 48 + (rest - tens * 10)
      rest = tens
    }
    this.length += width
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }
}
