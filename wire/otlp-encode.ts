/**
 * Writes passes as ExportMetricsServiceRequest bodies (otlp-fields.ts has the grammar): one
 * ResourceMetrics an entity, or two when tables of it are slow, one scope in it, each metric once with
 * all its points. Counters, typed or not, are cumulative monotonic sums; absent columns are not sent.
 *
 * What other programs measured follows as metrics of the machine (otlp-foreign.ts).
 *
 * An entity that ended is sent once more: its last values at their time, then of each of its series a
 * point of this pass that has no value.
 */
import { limits } from '../catalog/limit.ts'
import type { Table } from '../catalog/metric.ts'
import { encodeForeign } from './otlp-foreign.ts'
import { type ColumnPlan, encodeScope, plans } from './otlp-plan.ts'
import { Template, type TemplateOptions } from './otlp-template.ts'
import { emptyRow, type Ended, type Entity, type Pass, type Row } from './sample.ts'

export interface EncodeOptions {
  /** A body is longer only when a single metric is. */
  readonly maxBytes?: number
  /** Version of the instrumentation scope. */
  readonly version?: string
  /** Slow tables go with one pass in each such time, and with the one that first has their rows. */
  readonly slowMs?: number
}

const PACES = ['paced', 'slow'] as const
type Pace = (typeof PACES)[number]

/** What is kept of an entity from pass to pass. */
interface Known {
  readonly rows: Record<Pace, Row[]>
  readonly templates: { paced?: Template; slow?: Template }
}

export class PassEncoder {
  readonly #maxBytes: number
  readonly #slowMs: number
  readonly #version: string
  readonly #scope: Buffer
  readonly #doubles = new Set<ColumnPlan>()
  #known = new Map<Entity, Known>()
  /** The stretch of `slowMs` in which slow tables were shipped last. */
  #shipped: number | undefined

  constructor({
    maxBytes = limits.pushRequestBytes.value,
    version = '',
    slowMs = 0,
  }: EncodeOptions = {}) {
    this.#maxBytes = maxBytes
    this.#slowMs = slowMs
    this.#version = version
    this.#scope = encodeScope('candor', version)
  }

  /** Bodies that are the caller's. */
  encode(pass: Pass): Buffer[] {
    const before = this.#known
    this.#sort(pass.rows)
    const stretch = Math.floor(pass.timeMs / this.#slowMs)
    const isSlowDue = this.#slowMs === 0 || stretch !== this.#shipped
    this.#shipped = stretch
    const segments: Buffer[] = []
    for (const [entity, known] of this.#known) {
      for (const segment of this.#living(entity, known, 'paced', pass.timeMs, true)) {
        segments.push(segment)
      }
      for (const segment of this.#living(entity, known, 'slow', pass.timeMs, isSlowDue)) {
        segments.push(segment)
      }
    }
    for (const segment of this.#foreign(pass)) segments.push(segment)
    for (const ended of pass.ended ?? []) {
      segments.push(...this.#ended(ended, before.get(ended.entity), pass.timeMs))
    }
    return join(segments, this.#maxBytes)
  }

  /** Rows by entity; what is no longer there is forgotten. */
  #sort(rows: readonly Row[]): void {
    const sorted = new Map<Entity, Known>()
    let last: Entity | undefined
    let known: Known | undefined
    for (const row of rows) {
      if (row.entity !== last || known === undefined) {
        last = row.entity
        known = sorted.get(last)
        if (known === undefined) {
          known = {
            rows: { paced: [], slow: [] },
            templates: this.#known.get(last)?.templates ?? {},
          }
          sorted.set(last, known)
        }
      }
      known.rows[paceOf(row.table)].push(row)
    }
    this.#known = sorted
  }

  #living(
    entity: Entity,
    known: Known,
    pace: Pace,
    timeMs: number,
    isDue: boolean,
  ): readonly Buffer[] {
    const { templates } = known
    const rows = known.rows[pace]
    if (rows.length === 0) {
      delete templates[pace]
      return []
    }
    const template = templates[pace]
    if (template?.isOf(entity, rows) === true) {
      if (!isDue) return []
      if (template.fill(timeMs)) return template.segments
    }
    const made = this.#filled(entity, rows, timeMs, this.#options(entity, pace))
    templates[pace] = made
    return made.segments
  }

  /** A value that is not whole shows when it is written; then the column is laid out anew. */
  #filled(
    entity: Entity,
    rows: readonly Row[],
    timeMs: number,
    options: TemplateOptions,
  ): Template {
    for (;;) {
      const template = new Template(entity, rows, options)
      if (template.fill(timeMs)) return template
    }
  }

  #ended({ entity, timeMs, rows }: Ended, known: Known | undefined, nowMs: number): Buffer[] {
    const series = everySeries(rows, known)
    const segments: Buffer[] = []
    for (const [all, atMs, ended] of [
      [rows, timeMs, false],
      [series, nowMs, true],
    ] as const) {
      for (const pace of PACES) {
        const ofPace = all.filter(({ table }) => paceOf(table) === pace)
        const options = { ...this.#options(entity, pace), ended }
        segments.push(...this.#filled(entity, ofPace, atMs, options).segments)
      }
    }
    return segments
  }

  #foreign({ foreign = [], timeMs }: Pass): Buffer[] {
    const machine = this.#known.keys().find(({ kind }) => kind === 'machine')
    if (machine === undefined || foreign.length === 0) return []
    const options = { version: this.#version, maxBytes: this.#maxBytes }
    return encodeForeign(machine, foreign, timeMs, options)
  }

  #options(entity: Entity, pace: Pace): TemplateOptions {
    return {
      plans: plans[entity.kind][pace],
      scope: this.#scope,
      maxBytes: this.#maxBytes,
      doubles: this.#doubles,
    }
  }
}

const paceOf = ({ slow }: Table): Pace => (slow === true ? 'slow' : 'paced')

/** Rows in which every series is present that an entity had, in its last sample or the pass before. */
function everySeries(rows: readonly Row[], known: Known | undefined): Row[] {
  const every = new Map<string, Row>()
  const ofSame = ({ table, entity, keys }: Row): Row => {
    const name = [table.name, ...keys].join('\0')
    let row = every.get(name)
    if (row === undefined) every.set(name, (row = emptyRow(table, entity, keys)))
    return row
  }
  for (const row of rows) {
    const { values } = ofSame(row)
    for (const [i, value] of row.values.entries()) if (!Number.isNaN(value)) values[i] = 0
  }
  for (const template of Object.values(known?.templates ?? {})) {
    for (const { row, column } of template.series()) ofSame(row).values[column] = 0
  }
  return [...every.values()]
}

/** Bodies of whole segments, as few as the limit allows. */
function join(segments: readonly Buffer[], maxBytes: number): Buffer[] {
  const bodies: Buffer[] = []
  let from = 0
  let size = 0
  const close = (to: number) => {
    if (to > from) bodies.push(Buffer.concat(segments.slice(from, to), size))
    from = to
    size = 0
  }
  for (const [i, segment] of segments.entries()) {
    if (size + segment.length > maxBytes) close(i)
    size += segment.length
  }
  close(segments.length)
  return bodies
}
