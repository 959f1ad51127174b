/**
 * Where points go: a column of a typed table, or a narrow series. Found once for a resource, a metric
 * and a set of attributes, and remembered: decoding gives the same maps for the same bytes, so that a
 * point which comes again costs no text and no hash. What is too long to be the same map when it comes
 * again is not remembered.
 */
import { AGENT_JOB } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import type { MetricKind } from '../../catalog/metric.ts'
import { prometheusLabels, prometheusName } from '../../wire/names.ts'
import type { OtlpKind } from '../../wire/otlp-visitor.ts'
import { FOREIGN_SCOPE, UNTYPED_SCOPE } from '../../wire/otlp-foreign.ts'
import { firstMetric, typedShape } from '../store/schema.ts'
import type { Shape } from '../store/shape.ts'
import { type Family, familiesOfMetric, type Place, placeOf } from './column-of-point.ts'
import { DistributionSeries } from './distribution-rows.ts'
import { type LabelPairs, labelsJson, type NarrowSeries, seriesId } from './narrow-rows.ts'
import { byName, entityLabels, type Labels, type Source } from './source.ts'

export interface TypedDestination {
  readonly to: 'typed'
  readonly shape: Shape
  /** Position in the shape. */
  readonly column: number
  readonly keys: readonly string[]
  /** The keys in one. */
  readonly row: string
}
export interface NarrowDestination extends NarrowSeries {
  readonly to: 'narrow'
  readonly kind: MetricKind
}
/** Points that cannot be stored, by the reason. */
export interface NoDestination {
  readonly to: 'nameless' | 'labelBytes'
}
/** Of a metric that is a histogram or a summary. */
export interface DistributionDestination {
  readonly to: 'distribution'
  readonly series: DistributionSeries
}
export type Destination =
  | TypedDestination
  | NarrowDestination
  | DistributionDestination
  | NoDestination

type Attributes = ReadonlyMap<string, string>

/** Text that takes as much memory as all else of what is remembered does. */
const TEXT_LENGTH = 256

const PROMETHEUS_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** Of what our agents hand on from others, by its scope: whether the type was told. */
type Foreign = 'typed' | 'untyped'
const FOREIGN: ReadonlyMap<string, Foreign> = new Map([
  [FOREIGN_SCOPE, 'typed'],
  [UNTYPED_SCOPE, 'untyped'],
])

/** Destinations of one metric of one source. */
export interface MetricDestinations {
  readonly source: Source | undefined
  readonly name: string
  readonly unit: string
  readonly kind: OtlpKind
  readonly foreign: Foreign | undefined
  readonly families: readonly Family[]
  readonly known: Map<Attributes, Destination>
}

/** Metrics of one name, which nearly always is one metric: the newest is asked first. */
interface OfName {
  newest: MetricDestinations | undefined
  /** By kind, origin and unit; a sender may make any number of them. */
  readonly all: Map<string, MetricDestinations>
}

const shapes = new Map<Place['table'], Shape>()
function shapeOf(table: Place['table']): Shape {
  let shape = shapes.get(table)
  if (shape === undefined) shapes.set(table, (shape = typedShape(table)))
  return shape
}

function newMetric(
  source: Source | undefined,
  foreign: Foreign | undefined,
  name: string,
  unit: string,
  kind: OtlpKind,
): MetricDestinations {
  const entity = source?.entity
  const isOurs = entity !== undefined && foreign === undefined
  const families = isOurs ? familiesOfMetric(entity.kind, name, unit) : []
  return { source, foreign, name, unit, kind, families, known: new Map() }
}

function textLength(attributes: Attributes): number {
  let length = 0
  for (const [name, value] of attributes) length += name.length + value.length
  return length
}

const sizeOf = (textLength: number): number => 1 + Math.floor(textLength / TEXT_LENGTH)

export class Destinations {
  readonly #tenant: string
  /** Sources, metrics and destinations; what is long counts more than once. */
  limit: number
  readonly #sources = new Map<Source | undefined, Map<string, OfName>>()
  #size = 0

  constructor(tenant: string, limit: number = limits.internedSeries.value) {
    this.#tenant = tenant
    this.limit = limit
  }

  metric(
    source: Source | undefined,
    scope: string,
    name: string,
    unit: string,
    kind: OtlpKind,
  ): MetricDestinations {
    const foreign = source?.entity === undefined ? undefined : FOREIGN.get(scope)
    if (source !== undefined && source.json.length > limits.internedBytes.value) {
      return newMetric(source, foreign, name, unit, kind)
    }
    let metrics = this.#sources.get(source)
    if (metrics === undefined) {
      this.#grow(sizeOf(source?.json.length ?? 0))
      this.#sources.set(source, (metrics = new Map<string, OfName>()))
    }
    let ofName = metrics.get(name)
    if (ofName === undefined) metrics.set(name, (ofName = { newest: undefined, all: new Map() }))
    const { newest } = ofName
    if (newest?.unit === unit && newest.kind === kind && newest.foreign === foreign) return newest
    const key = `${kind} ${foreign} ${unit}`
    let metric = ofName.all.get(key)
    if (metric === undefined) {
      this.#grow(sizeOf(name.length + unit.length))
      metric = newMetric(source, foreign, name, unit, kind)
      ofName.all.set(key, metric)
    }
    ofName.newest = metric
    return metric
  }

  of(metric: MetricDestinations, attributes: Attributes): Destination {
    let destination = metric.known.get(attributes)
    if (destination === undefined) {
      destination = this.#find(metric, attributes)
      const length = textLength(attributes)
      if (length <= limits.internedBytes.value) {
        this.#grow(sizeOf(length))
        metric.known.set(attributes, destination)
      }
    }
    return destination
  }

  /** What is no longer used is not known, so at the limit all of it goes. */
  readonly #grow = (by: number): void => {
    this.#size += by
    if (this.#size <= this.limit) return
    this.#sources.clear()
    this.#size = 0
  }

  #find(metric: MetricDestinations, attributes: Attributes): Destination {
    const isPoint = metric.kind !== 'histogram' && metric.kind !== 'summary'
    const place = isPoint ? placeOf(metric.families, attributes) : undefined
    if (place === undefined) return this.#unknown(metric, attributes)
    const { table, column, keys } = place
    if (table.narrow === true) return this.#narrowTable(metric.source!, place)
    return {
      to: 'typed',
      shape: shapeOf(table),
      column: firstMetric(table) + column,
      keys,
      row: keys.join('\0'),
    }
  }

  /** A column of the catalogue that has no table in the store: under its names there. */
  #narrowTable({ attributes }: Source, { table, metric, keys }: Place): Destination {
    const labels = () => ({
      ...Object.fromEntries(table.keys.map(({ label }, i) => [label, keys[i]!])),
      ...entityLabels(table, attributes),
      ...metric.labels,
    })
    if (entityLabels(table, attributes) === undefined) return { to: 'labelBytes' }
    return this.#series(metric.prom, metric.kind, labels)
  }

  #unknown(metric: MetricDestinations, attributes: Attributes): Destination {
    const { source, name, unit, kind } = metric
    if (kind === 'histogram' || kind === 'summary') return this.#distribution(metric, attributes)
    if (metric.foreign !== undefined && PROMETHEUS_NAME.test(name)) {
      return this.#foreign(metric, metric.foreign, attributes)
    }
    const prom = prometheusName(name, unit, kind)
    if (prom === undefined) return { to: 'nameless' }
    const ofResource = source?.labels
    if (ofResource === undefined) return { to: 'labelBytes' }
    const labels = () => ({ ...prometheusLabels(attributes), ...ofResource })
    return this.#series(prom, kind === 'counter' ? 'counter' : 'gauge', labels)
  }

  #distribution({ source, name, unit }: MetricDestinations, attributes: Attributes): Destination {
    // A histogram has no suffix of its own, as what goes up and down has none.
    const prom = prometheusName(name, unit, 'updown')
    if (prom === undefined) return { to: 'nameless' }
    const ofResource = source?.labels
    if (ofResource === undefined) return { to: 'labelBytes' }
    const pairs = labelPairs({ ...prometheusLabels(attributes), ...ofResource })
    return {
      to: 'distribution',
      series: new DistributionSeries(this.#tenant, prom, pairs, this.#grow),
    }
  }

  /** What a program of the machine wrote, as if it had been scraped: under its own name. */
  #foreign({ source, name, kind }: MetricDestinations, foreign: Foreign, attributes: Attributes) {
    const instance = source!.attributes.get('host.name') ?? ''
    const { instance: its, job, ...others } = prometheusLabels(attributes)
    const labels = () => ({
      ...others,
      ...(its !== undefined && { exported_instance: its }),
      ...(job !== undefined && { exported_job: job }),
      instance,
      job: AGENT_JOB,
    })
    const told: MetricKind = kind === 'counter' ? 'counter' : 'gauge'
    return this.#series(name, foreign === 'untyped' ? foreign : told, labels)
  }

  #series(name: string, kind: MetricKind, all: () => Labels): NarrowDestination {
    const sorted = () => labelPairs(all())
    const pairs = sorted()
    let first: string | undefined = labelsJson(pairs)
    return {
      to: 'narrow',
      id: seriesId(this.#tenant, name, pairs),
      name,
      kind,
      // Made again when they are needed, which after the first time is seldom.
      labels: () => {
        const json = first ?? labelsJson(sorted())
        first = undefined
        return json
      },
    }
  }
}

/** To Prometheus an empty label is none. */
const labelPairs = (labels: Labels): LabelPairs =>
  Object.entries(labels)
    .filter(([, text]) => text !== '')
    .toSorted(byName)
