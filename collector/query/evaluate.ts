/** Carries out a plan: answers of leaves are turned into values, and values into values, node by node. */
import { doubtCounters, doubtQuantiles, namesOf } from './doubts.ts'
import { absent } from './grid/absent.ts'
import { aggregate } from './grid/aggregate.ts'
import { scalarScalar, vectorScalar, vectorVector } from './grid/binary.ts'
import { dateFunctions } from './grid/dates.ts'
import { stepsOf, type GridSeries } from './grid/grid.ts'
import { instantFunctions } from './grid/instant-functions.ts'
import { compareLabels } from './grid/labels.ts'
import { mathFunctions } from './grid/math.ts'
import { overRange, rangeFunctions, type NamedSamples } from './grid/range/functions.ts'
import { newest } from './grid/range/newest.ts'
import type { Windows } from './grid/range/windows.ts'
import { samplesOf, widened } from './grid/reshape.ts'
import { setOperation } from './grid/sets.ts'
import type { GridValue } from './grid/value.ts'
import type { LeafAnswer } from './leaf.ts'
import type { Matching, SetOperator, Span } from './language/tree.ts'
import { tooManySamples, type EvaluationContext } from './evaluation-context.ts'
import type { Notes } from './notes.ts'
import type { Plan, PlanNode, RangeInput } from './plan-node.ts'
import { cut, Slices } from './slices.ts'

type NodeOf<Kind extends PlanNode['kind']> = Extract<PlanNode, { kind: Kind }>

export class Evaluation {
  readonly #answers: readonly LeafAnswer[]
  readonly #plan: Plan
  readonly #context: EvaluationContext
  readonly #slices: Slices

  /** The answers are in the order of the plan's leaves. */
  constructor(plan: Plan, answers: readonly LeafAnswer[], context: EvaluationContext) {
    this.#plan = plan
    this.#answers = answers
    this.#context = context
    this.#slices = new Slices(context.pace, context.sliceValues)
  }

  async value(node: PlanNode): Promise<GridValue> {
    const { pace } = this.#context
    pace.check()
    if (pace.isDue) await pace.turn()
    this.#bound(stepsOf(node.grid))
    const value = await this.#open(node)
    if (value.type === 'vector') this.#bound(value.series.length * stepsOf(node.grid))
    return value
  }

  async #open(node: PlanNode): Promise<GridValue> {
    switch (node.kind) {
      case 'number':
        return scalar(new Float64Array(stepsOf(node.grid)).fill(node.value))
      case 'string':
        return { type: 'string', text: node.text }
      case 'newest':
      case 'range':
        return vector((await this.#ofSource(node)).series)
      case 'absent':
        return vector(absent(await this.#vector(node.of), node.labels, stepsOf(node.grid)))
      case 'call':
        return this.#call(node)
      case 'aggregate':
        return this.#aggregate(node)
      case 'binary':
        return this.#binary(node)
      case 'negate':
        return this.#negate(node)
      case 'widen':
        return widened(await this.value(node.of), stepsOf(node.grid))
      case 'samples':
        throw new TypeError('samples of a range are no value over steps')
    }
  }

  /** All that lie in a window of any step, as they were stored; those that mark an end among them. */
  async samples(of: RangeInput): Promise<readonly NamedSamples[]> {
    if (of.kind === 'nothing') return []
    if (of.kind === 'subquery') return samplesOf(await this.#vector(of.of), of.of.grid)
    const answer = this.#answers[of.leaf]!
    if (answer.kind === 'samples') return answer.series
    throw new TypeError('a source that was asked for samples answered with values')
  }

  async #ofSource(
    node: NodeOf<'newest' | 'range'>,
  ): Promise<{ series: readonly GridSeries[]; isAggregated: boolean }> {
    const leaf = node.kind === 'newest' ? node.leaf : node.of.kind === 'leaf' ? node.of.leaf : -1
    const answer = this.#answers[leaf]
    if (answer?.kind === 'values') {
      const { isAggregated } = answer
      const dropsName = node.kind === 'range' && drops(node.function)
      const series = isAggregated
        ? answer.series
        : answer.series.map((one) => ({ ...one, dropsName }))
      if (node.kind === 'range') {
        const { name, ask } = this.#plan.leaves[leaf]!
        const isKnown = isAggregated && name !== undefined && series.length > 0
        const [q] = ask.kind === 'function' ? ask.parameters : []
        this.#doubt(node, series, isKnown ? [name] : namesOf(series), () => q!)
      }
      return { series, isAggregated }
    }
    const series =
      node.kind === 'newest'
        ? await this.#eachSeries(answer?.series ?? [], node.windows, (one) =>
            newest(one, node.windows, node.taken),
          )
        : await this.#range(node)
    return { series, isAggregated: false }
  }

  async #range(node: NodeOf<'range'>): Promise<readonly GridSeries[]> {
    const how = rangeFunctions[node.function]!
    const { firstMs, strideMs } = node.ahead ?? { firstMs: 0, strideMs: 0 }
    const parameters: ((step: number) => number)[] = []
    for (const parameter of node.parameters) {
      const values = await this.#scalar(parameter)
      parameters.push((step) => values[step]! + (firstMs + step * strideMs) / 1000)
    }
    const samples = await this.samples(node.of)
    const series = await this.#eachSeries(samples, node.windows, (one) =>
      overRange(how, one, node.windows, parameters),
    )
    const nameless = new Set(samples.filter((one) => one.dropsName).map(({ labels }) => labels))
    const names = namesOf(series.filter(({ labels }) => !nameless.has(labels)))
    this.#doubt(node, series, names, parameters[0])
    return series
  }

  #doubt(
    { function: name, spans }: NodeOf<'range'>,
    series: readonly GridSeries[],
    names: readonly string[],
    q: ((step: number) => number) | undefined,
  ): void {
    const notes = this.#notesOf(spans)
    if (rangeFunctions[name]?.isOfCounter === true) doubtCounters(names, notes)
    if (name === 'quantile_over_time' && q !== undefined) doubtQuantiles(q, series, notes)
  }

  async #call(node: NodeOf<'call'>): Promise<GridValue> {
    const of = instantFunctions[node.function]
    if (of === undefined) throw new TypeError(`no function ${node.function}`)
    const args: GridValue[] = []
    for (const arg of node.args) args.push(await this.value(arg))
    const context = { grid: node.grid, notes: this.#notesOf(node.spans) }
    const [first, ...rest] = args
    if (first?.type === 'vector' && isOfEachSeries(node.function)) {
      const each = (some: readonly GridSeries[]) => seriesOf(of([vector(some), ...rest], context))
      return vector(await this.#slices.bySeries(first.series, each))
    }
    await this.#slices.breathe()
    return of(args, context)
  }

  async #aggregate(node: NodeOf<'aggregate'>): Promise<GridValue> {
    const { operator, grouping, of, parameter, parameterSpan } = node
    const options: { parameter?: Float64Array; label?: string } = {}
    if (parameter !== undefined) {
      const value = await this.value(parameter)
      if (value.type === 'scalar') options.parameter = value.values
      if (value.type === 'string') options.label = value.text
    }
    const { series: found, isAggregated } =
      of.kind === 'newest' || of.kind === 'range'
        ? await this.#ofSource(of)
        : { series: await this.#vector(of), isAggregated: false }
    if (isAggregated) return vector(found)
    const series = CHOOSING.has(operator) ? found.toSorted(byLabels) : found
    const notes = this.#notesOf(parameterSpan === undefined ? [] : [parameterSpan])
    const some = (from: number, to: number) =>
      aggregate(operator, cut(series, from, to), grouping, to - from, {
        ...options,
        ...(options.parameter && { parameter: options.parameter.subarray(from, to) }),
        notes,
      })
    return vector(await this.#slices.bySteps(stepsOf(node.grid), series.length, some))
  }

  async #binary(node: NodeOf<'binary'>): Promise<GridValue> {
    const { operator, matching, isBool } = node
    const left = await this.value(node.left)
    const right = await this.value(node.right)
    if (left.type === 'scalar' && right.type === 'scalar') {
      return scalar(scalarScalar(operator, left.values, right.values))
    }
    if (left.type === 'vector' && right.type === 'vector') {
      const both = left.series.length + right.series.length
      const some = (from: number, to: number) => {
        const [a, b] = [cut(left.series, from, to), cut(right.series, from, to)]
        return isSetOperator(operator)
          ? setOperation(operator, a, b, matching ?? ALL_LABELS, to - from)
          : vectorVector(operator, a, b, matching ?? ALL_LABELS, { isBool, steps: to - from })
      }
      return vector(await this.#slices.bySteps(stepsOf(node.grid), both, some))
    }
    const [series, values, isScalarLeft] =
      left.type === 'scalar' && right.type === 'vector'
        ? [right.series, left.values, true]
        : left.type === 'vector' && right.type === 'scalar'
          ? [left.series, right.values, false]
          : [[], new Float64Array(0), false]
    return vector(
      await this.#slices.bySeries(series, (some) =>
        vectorScalar(operator, some, values, { isScalarLeft, isBool }),
      ),
    )
  }

  async #negate(node: NodeOf<'negate'>): Promise<GridValue> {
    const value = await this.value(node.of)
    if (value.type === 'scalar') return scalar(value.values.map((one) => -one))
    if (value.type === 'string') return value
    return vector(
      await this.#slices.bySeries(value.series, (some) =>
        some.map((one) => ({ ...one, dropsName: true, values: one.values.map((v) => -v) })),
      ),
    )
  }

  async #vector(node: PlanNode): Promise<readonly GridSeries[]> {
    const value = await this.value(node)
    if (value.type === 'vector') return value.series
    throw new TypeError(`a vector is expected, found ${value.type}`)
  }

  async #scalar(node: PlanNode): Promise<Float64Array> {
    const value = await this.value(node)
    if (value.type === 'scalar') return value.values
    throw new TypeError(`a scalar is expected, found ${value.type}`)
  }

  async #eachSeries(
    samples: readonly NamedSamples[],
    { steps }: Windows,
    of: (one: NamedSamples) => GridSeries | undefined,
  ): Promise<readonly GridSeries[]> {
    const { pace } = this.#context
    const found: GridSeries[] = []
    for (const one of samples) {
      const series = of(one)
      if (series !== undefined) found.push(series)
      this.#bound(found.length * steps)
      if (pace.isDue) await pace.turn()
    }
    return found
  }

  #notesOf(spans: readonly Span[]): Notes {
    return this.#context.notes.about(spans.map(this.#context.placeOf))
  }

  #bound(values: number): void {
    if (values > this.#context.maxValues) throw tooManySamples()
  }
}

/** How series find each other where nothing is said of it. */
const ALL_LABELS: Matching = { isOn: false, labels: [], cardinality: 'one-to-one', include: [] }

/** What takes the first among equals, which are not to change from one answer to the next. */
const CHOOSING: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk'])
const byLabels = (a: GridSeries, b: GridSeries) => compareLabels(a.labels, b.labels)

const seriesOf = (value: GridValue): readonly GridSeries[] =>
  value.type === 'vector' ? value.series : []

const scalar = (values: Float64Array): GridValue => ({ type: 'scalar', values })
const vector = (series: readonly GridSeries[]): GridValue => ({ type: 'vector', series })

const drops = (name: string): boolean => rangeFunctions[name]?.keepsName !== true

/** Functions of one series at a time. */
const isOfEachSeries = (name: string): boolean => name in mathFunctions || name in dateFunctions

const isSetOperator = (operator: string): operator is SetOperator =>
  operator === 'and' || operator === 'or' || operator === 'unless'
