/**
 * What the parts of one OpenSLO document mean together: the rules that no shape can say. Every
 * objective of it becomes one SLO.
 */
import type { Budgeting } from '../../judge/slo/budget.ts'
import { didYouMean } from '../../settings/suggest.ts'
import { TENANT_NAME } from '../access/token-file.ts'
import { parseSelector } from '../query/promql.ts'
import { BadQuery, NotSupportedYet } from '../query/query-error.ts'
import { found, type Path, pathText, type Placed, type Problems } from './document.ts'
import type { Indicator, LoadedSlo, Query } from './loaded-slo.ts'
import type {
  MetricDocument,
  Objective,
  SliDocument,
  SliSpec,
  SloDocument,
} from './openslo-schema.ts'

const MINUTE_MS = 60_000
const SLICE_MS = MINUTE_MS
const DAY_MS = 1_440 * MINUTE_MS
const UNIT_MS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
}
/** A window holds at least this many slices, so that one slice is not the whole story. */
const SLICES_MIN = 10
const WINDOW_MAX_MS = 400 * DAY_MS

/** Says of whose samples an SLO is. */
const TENANT_ANNOTATION = 'candor/tenant'

/** An indicator with the place that its paths start from. */
interface PlacedIndicator {
  readonly spec: SliSpec
  readonly placed: Placed
  readonly path: Path
}

/** The reading of one SLO document. */
export class Reading {
  readonly #document: SloDocument
  readonly #placed: Placed
  readonly #indicators: ReadonlyMap<string, { document: SliDocument; placed: Placed }>
  readonly #problems: Problems

  constructor(
    document: SloDocument,
    placed: Placed,
    indicators: ReadonlyMap<string, { document: SliDocument; placed: Placed }>,
    problems: Problems,
  ) {
    this.#document = document
    this.#placed = placed
    this.#indicators = indicators
    this.#problems = problems
  }

  slos(): LoadedSlo[] {
    const { metadata, spec } = this.#document
    if ((spec.alertPolicies ?? []).length > 0) {
      this.#notSupported(['spec', 'alertPolicies'], 'alertPolicies are')
    }
    const window = this.#window()
    const indicator = this.#indicator()
    const tenant = this.#tenant()
    if (spec.objectives.length === 0) {
      this.#bad(['spec', 'objectives'], 'expected an objective, found none')
    }
    return spec.objectives.flatMap((objective, i) => {
      const path: Path = ['spec', 'objectives', i]
      const target = this.#target(objective, path)
      const slice = this.#slice(objective, path, window?.ms)
      const measure =
        indicator === undefined ? undefined : this.#measure(indicator, objective, path)
      if (!window || target === undefined || !slice || !measure) return []
      const displayName = objective.displayName ?? metadata.displayName
      return [
        {
          tenant,
          service: spec.service,
          slo: spec.objectives.length === 1 ? metadata.name : `${metadata.name}-${i + 1}`,
          ...(displayName === undefined ? {} : { displayName }),
          ...(spec.description === undefined ? {} : { description: spec.description }),
          labels: plainLabels(metadata.labels ?? {}),
          annotations: metadata.annotations ?? {},
          target,
          window: window.text,
          windowMs: window.ms,
          sliceMs: slice.ms,
          budgeting: slice.budgeting,
          indicator: measure,
          place: this.#placed.at(path),
        },
      ]
    })
  }

  /** An SLO is of the default tenant unless it says otherwise. */
  #tenant(): string {
    const tenant = this.#document.metadata.annotations?.[TENANT_ANNOTATION] ?? ''
    if (tenant === '' || TENANT_NAME.test(tenant)) return tenant
    const at: Path = ['metadata', 'annotations', TENANT_ANNOTATION]
    this.#bad(at, `${TENANT_ANNOTATION}: expected the name of a tenant, found ${found(tenant)}`)
    return ''
  }

  #window(): { text: string; ms: number } | undefined {
    const { timeWindow } = this.#document.spec
    const path: Path = ['spec', 'timeWindow']
    const [window] = timeWindow
    if (window === undefined || timeWindow.length > 1) {
      return this.#bad(path, `${pathText(path)}: expected one window, found ${timeWindow.length}`)
    }
    if (!window.isRolling || window.calendar !== undefined) {
      return this.#notSupported([...path, 0], 'a calendar window is')
    }
    const at = [...path, 0, 'duration']
    const ms = this.#duration(window.duration, at)
    if (ms === undefined) return undefined
    if (ms < SLICES_MIN * SLICE_MS || ms > WINDOW_MAX_MS) {
      const hint = window.duration.endsWith('m') ? '; m are minutes, a month is 30d' : ''
      return this.#bad(
        at,
        `${pathText(at)}: expected 10m to 400d, found ${found(window.duration)}${hint}`,
      )
    }
    return { text: window.duration, ms }
  }

  #duration(text: string, path: Path): number | undefined {
    const match = /^([1-9]\d{0,6})([mhdwMQY])$/.exec(text)
    const unit = UNIT_MS[match?.[2] ?? '']
    if (match !== null && unit !== undefined) return Number(match[1]) * unit
    if (match !== null) return this.#notSupported(path, `the calendar unit ${match[2]} is`)
    return this.#bad(
      path,
      `${pathText(path)}: expected a duration such as 28d or 1h, found ${found(text)}`,
    )
  }

  #target(objective: Objective, path: Path): number | undefined {
    const { target, targetPercent } = objective
    if ((target === undefined) === (targetPercent === undefined)) {
      return this.#bad(
        path,
        `${pathText(path)}: expected target or targetPercent, found ${target === undefined ? 'neither' : 'both'}`,
      )
    }
    const [key, value, end] =
      target === undefined
        ? (['targetPercent', targetPercent!, 100] as const)
        : (['target', target, 1] as const)
    const at = [...path, key]
    if (value >= 0 && value < end) {
      if (key === 'target') return value
      if (value === 0 || value >= 1) return Number((value / 100).toPrecision(12))
      return this.#bad(
        at,
        `${pathText(at)}: ${value} is less than one percent; a ratio is a target`,
      )
    }
    const hint =
      value === end
        ? '; without an error budget there is nothing to burn'
        : key === 'target' && value > 1 && value < 100
          ? '; a percentage is a targetPercent'
          : ''
    return this.#bad(at, `${pathText(at)}: expected 0 to below ${end}, found ${value}${hint}`)
  }

  #slice(
    objective: Objective,
    path: Path,
    windowMs: number | undefined,
  ): { ms: number; budgeting: Budgeting } | undefined {
    const { budgetingMethod: method } = this.#document.spec
    const { timeSliceTarget, timeSliceWindow } = objective
    const stray = (key: 'timeSliceTarget' | 'timeSliceWindow') =>
      this.#bad([...path, key], `${pathText([...path, key])} does not belong to ${method}`)
    if (method !== 'Timeslices' && timeSliceTarget !== undefined) return stray('timeSliceTarget')
    if (method === 'Occurrences') {
      if (timeSliceWindow !== undefined) return stray('timeSliceWindow')
      return { ms: SLICE_MS, budgeting: { method } }
    }
    const at = [...path, 'timeSliceWindow']
    if (timeSliceWindow === undefined) return this.#bad(path, `${pathText(at)} is missing`)
    const ms = this.#duration(timeSliceWindow, at)
    if (ms === undefined) return undefined
    if (windowMs !== undefined && ms * SLICES_MIN > windowMs) {
      return this.#bad(at, `${pathText(at)}: expected at most a tenth of the window`)
    }
    if (method === 'RatioTimeslices') return { ms, budgeting: { method } }
    const targetPath = [...path, 'timeSliceTarget']
    if (timeSliceTarget === undefined) return this.#bad(path, `${pathText(targetPath)} is missing`)
    if (!(timeSliceTarget > 0 && timeSliceTarget <= 1)) {
      return this.#bad(
        targetPath,
        `${pathText(targetPath)}: expected above 0 to 1, found ${timeSliceTarget}`,
      )
    }
    return { ms, budgeting: { method, sliceTarget: timeSliceTarget } }
  }

  #indicator(): PlacedIndicator | undefined {
    const { indicator, indicatorRef, objectives } = this.#document.spec
    const composite = objectives.findIndex(
      (each) => each.indicator ?? each.indicatorRef ?? each.compositeWeight,
    )
    if (composite >= 0) {
      return this.#notSupported(['spec', 'objectives', composite], 'a composite SLO is')
    }
    if ((indicator === undefined) === (indicatorRef === undefined)) {
      const which = indicator === undefined ? 'neither' : 'both'
      return this.#bad(['spec'], `spec: expected indicator or indicatorRef, found ${which}`)
    }
    if (indicator !== undefined) {
      return { spec: indicator.spec, placed: this.#placed, path: ['spec', 'indicator', 'spec'] }
    }
    const named = this.#indicators.get(indicatorRef!)
    if (named === undefined) {
      const hint = didYouMean(indicatorRef!, this.#indicators.keys())
      return this.#bad(
        ['spec', 'indicatorRef'],
        `spec.indicatorRef: no SLI "${indicatorRef}" in the files${hint}`,
      )
    }
    return { spec: named.document.spec, placed: named.placed, path: ['spec'] }
  }

  /** What an objective measures; problems of a shared SLI are noted once an objective. */
  #measure(
    { spec, placed, path }: PlacedIndicator,
    objective: Objective,
    objectivePath: Path,
  ): Indicator | undefined {
    const { ratioMetric, thresholdMetric } = spec
    if ((ratioMetric === undefined) === (thresholdMetric === undefined)) {
      const which = ratioMetric === undefined ? 'neither' : 'both'
      this.#problems.bad(placed.at(path), `expected ratioMetric or thresholdMetric, found ${which}`)
      return undefined
    }
    if (thresholdMetric !== undefined) {
      const query = this.#query(thresholdMetric, placed, [...path, 'thresholdMetric'])
      const { op, value } = objective
      if (op === undefined || value === undefined) {
        const key = op === undefined ? 'op' : 'value'
        return this.#bad(
          objectivePath,
          `${pathText([...objectivePath, key])} is missing, a thresholdMetric needs it`,
        )
      }
      return query && { kind: 'threshold', query, operator: op, value }
    }
    for (const key of ['op', 'value'] as const) {
      if (objective[key] === undefined) continue
      const at = [...objectivePath, key]
      this.#bad(at, `${pathText(at)} does not belong to a ratioMetric`)
    }
    return this.#ratio(ratioMetric!, placed, [...path, 'ratioMetric'])
  }

  #ratio(
    ratio: NonNullable<SliSpec['ratioMetric']>,
    placed: Placed,
    path: Path,
  ): Indicator | undefined {
    const { counter, good, bad, total, raw } = ratio
    if (raw !== undefined) {
      this.#problems.notSupported(placed.atKey([...path, 'raw']), 'a raw ratio is')
      return undefined
    }
    if (counter === undefined || total === undefined) {
      const key = counter === undefined ? 'counter' : 'total'
      this.#problems.bad(placed.at(path), `${pathText([...path, key])} is missing`)
      return undefined
    }
    if ((good === undefined) === (bad === undefined)) {
      const which = good === undefined ? 'neither' : 'both'
      this.#problems.bad(placed.at(path), `${pathText(path)}: expected good or bad, found ${which}`)
      return undefined
    }
    const part = good === undefined ? 'bad' : 'good'
    const partQuery = this.#query((good ?? bad)!, placed, [...path, part])
    const totalQuery = this.#query(total, placed, [...path, 'total'])
    return partQuery && totalQuery && { kind: 'ratio', part, partQuery, totalQuery, counter }
  }

  #query(metric: MetricDocument, placed: Placed, path: Path): Query | undefined {
    const { metricSourceRef, type, spec } = metric.metricSource
    const source = [...path, 'metricSource']
    if (metricSourceRef !== undefined) {
      this.#problems.notSupported(
        placed.atKey([...source, 'metricSourceRef']),
        'metricSourceRef is',
      )
    }
    if (type !== undefined && type.toLowerCase() !== 'prometheus') {
      this.#problems.notSupported(placed.at([...source, 'type']), `the source ${found(type)} is`)
    }
    const at = [...source, 'spec', 'query']
    try {
      return { text: spec.query.trim(), selector: parseSelector(spec.query) }
    } catch (error) {
      if (!(error instanceof BadQuery || error instanceof NotSupportedYet)) throw error
      const place = placed.inside(at, error.column) ?? placed.at(at)
      if (error instanceof BadQuery) this.#problems.bad(place, `query: ${error.message}`)
      else this.#problems.notSupported(place, `query: column ${error.column}: ${error.what} is`)
      return undefined
    }
  }

  #bad(path: Path, message: string): undefined {
    this.#problems.bad(this.#placed.at(path), message)
  }

  #notSupported(path: Path, what: string): undefined {
    this.#problems.notSupported(this.#placed.at(path), what)
  }
}

const plainLabels = (
  labels: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : value.join(','),
    ]),
  )
