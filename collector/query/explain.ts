/**
 * A plan as lines of text: what is done, innermost below, each with its steps; then what is asked of the source.
 * Units: times in UTC, durations as PromQL has them.
 */
import { stepsOf, type Grid } from './grid/grid.ts'
import { formatNumber } from './grid/number-text.ts'
import { formatDuration } from './language/duration.ts'
import { quote } from './language/string-literal.ts'
import type { Grouping, Matching } from './language/tree.ts'
import type { Leaf } from './leaf.ts'
import type { Plan, PlanNode, RangeInput } from './plan-node.ts'

export function explain({ root, leaves }: Plan): readonly string[] {
  return [...nodeLines(root, ''), ...leaves.map((leaf, i) => `leaf ${i + 1}: ${leafLine(leaf)}`)]
}

function nodeLines(node: PlanNode, indent: string): string[] {
  const { said, below } = described(node)
  return [
    `${indent}${said} · ${stepsText(node.grid)}`,
    ...below.flatMap((one) => nodeLines(one, `${indent}  `)),
  ]
}

interface Described {
  readonly said: string
  readonly below: readonly PlanNode[]
}

function described(node: PlanNode): Described {
  switch (node.kind) {
    case 'number':
      return { said: formatNumber(node.value), below: [] }
    case 'string':
      return { said: quote(node.text), below: [] }
    case 'newest':
      return { said: `newest ${node.taken} of leaf ${node.leaf + 1}`, below: [] }
    case 'range':
      return inputOf(`${node.function} of`, node.of, node.parameters)
    case 'samples':
      return inputOf('samples of', node.of, [])
    case 'absent':
      return { said: 'absent', below: [node.of] }
    case 'call':
      return { said: node.function, below: node.args }
    case 'aggregate': {
      const { operator, grouping, of, parameter } = node
      const below = parameter === undefined ? [of] : [parameter, of]
      return { said: `${operator}${groupingText(grouping)}`, below }
    }
    case 'binary': {
      const { operator, isBool, matching, left, right } = node
      const said = `${operator}${isBool ? ' bool' : ''}${matchingText(matching)}`
      return { said, below: [left, right] }
    }
    case 'negate':
      return { said: 'negative', below: [node.of] }
    case 'widen':
      return { said: 'the same at each step', below: [node.of] }
  }
}

function inputOf(said: string, of: RangeInput, parameters: readonly PlanNode[]): Described {
  switch (of.kind) {
    case 'leaf':
      return { said: `${said} leaf ${of.leaf + 1}`, below: parameters }
    case 'subquery':
      return { said: `${said} a subquery`, below: [...parameters, of.of] }
    case 'nothing':
      return { said: `${said} a subquery without a step`, below: parameters }
  }
}

function leafLine({ name = '', matchers, ask, windowMs, grid, aggregation }: Leaf): string {
  const asked =
    ask.kind === 'function' ? [ask.name, ...ask.parameters.map(formatNumber)] : [ask.kind]
  const found = matchers.map(({ label, operator, value }) => `${label}${operator}${quote(value)}`)
  const selector = `${name}${found.length === 0 && name !== '' ? '' : `{${found.join(', ')}}`}`
  const group =
    aggregation === undefined
      ? ''
      : `, then ${aggregation.operator}${groupingText(aggregation.grouping)}`
  return `${asked.join(' ')} of ${selector} over ${formatDuration(windowMs)}${group} · ${stepsText(grid)} ${timesText(grid)}`
}

function stepsText(grid: Grid): string {
  const steps = stepsOf(grid)
  return steps === 1 ? '1 step' : `${steps} steps`
}

function timesText({ startMs, endMs, stepMs }: Grid): string {
  const start = timeText(startMs)
  return startMs === endMs
    ? `at ${start}`
    : `from ${start} to ${timeText(endMs)} each ${formatDuration(stepMs)}`
}

/** A time that no calendar has is a number of seconds. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? `${timeMs / 1000}` : date.toISOString()
}

function groupingText({ isWithout, labels }: Grouping): string {
  if (!isWithout && labels.length === 0) return ''
  return ` ${isWithout ? 'without' : 'by'} (${labels.join(', ')})`
}

function matchingText(matching: Matching | undefined): string {
  if (matching === undefined) return ''
  const { isOn, labels, cardinality, include } = matching
  const by = isOn || labels.length > 0 ? ` ${isOn ? 'on' : 'ignoring'} (${labels.join(', ')})` : ''
  if (cardinality === 'many-to-one') return `${by} group_left (${include.join(', ')})`
  if (cardinality === 'one-to-many') return `${by} group_right (${include.join(', ')})`
  return by
}
