/**
 * Expressions as text, in Prometheus' own layout: on one line, or spread over lines where one would be long.
 * Reading what was printed gives the same tree, but for the order of matchers.
 * Source: prometheus/promql/parser, printer.go and prettier.go.
 */
import { METRIC_NAME } from '../grid/labels.ts'
import { formatNumber } from '../grid/number-text.ts'
import { formatDuration } from './duration.ts'
import { quote } from './string-literal.ts'
import type { Aggregate, At, Binary, Expr, Matcher, Subquery, VectorSelector } from './tree.ts'

const LINE = 100
const INDENT = '  '
/** What needs no quotes. */
const PLAIN_LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/
const PLAIN_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/
/** Names that the grammar takes for something else where a name begins. */
const RESERVED = new Set([
  'bool',
  'group_left',
  'group_right',
  'ignoring',
  'inf',
  'nan',
  'offset',
  'on',
])

/** As format_query answers. */
export const print = (expr: Expr): string => pretty(expr, 0)

/** On one line: the same text for what is the same but for blanks and the order of matchers. */
export function printLine(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      if (expr.isDuration !== true) return formatNumber(expr.value)
      return formatDuration(Math.round(expr.value * 1_000))
    case 'string':
      return quote(expr.value)
    case 'selector':
      return selector(expr) + at(expr.at) + offset(expr.offsetMs)
    case 'range': {
      const { selector: of, rangeMs } = expr
      return `${selector(of)}[${formatDuration(rangeMs)}]${at(of.at)}${offset(of.offsetMs)}`
    }
    case 'subquery':
      return printLine(expr.of) + subquerySuffix(expr)
    case 'parens':
      return `(${printLine(expr.of)})`
    case 'unary':
      return expr.operator + printLine(expr.of)
    case 'binary':
      return `${leftLine(expr)} ${operator(expr)} ${printLine(expr.right)}`
    case 'aggregate': {
      const parameter = expr.parameter === undefined ? '' : `${printLine(expr.parameter)}, `
      return `${aggregateHead(expr)}(${parameter}${printLine(expr.of)})`
    }
    case 'call':
      return `${expr.function}(${expr.args.map(printLine).join(', ')})`
  }
}

function pretty(expr: Expr, level: number): string {
  const indent = INDENT.repeat(level)
  const line = printLine(expr)
  if (expr.kind === 'unary') return indent + expr.operator + pretty(expr.of, level).trimStart()
  if (line.length <= LINE) return indent + line
  const block = (parts: readonly Expr[]) =>
    `(\n${parts.map((part) => pretty(part, level + 1)).join(',\n')}\n${indent})`
  switch (expr.kind) {
    case 'aggregate': {
      const parts = expr.parameter === undefined ? [expr.of] : [expr.parameter, expr.of]
      return indent + aggregateHead(expr) + block(parts)
    }
    case 'binary': {
      const isNumber = expr.left.kind === 'number'
      const left = isNumber ? indent + INDENT + leftLine(expr) : pretty(expr.left, level + 1)
      return `${left}\n${indent}${operator(expr)}\n${pretty(expr.right, level + 1)}`
    }
    case 'call':
      return indent + expr.function + block(expr.args)
    case 'parens':
      return indent + block([expr.of])
    case 'subquery':
      return pretty(expr.of, level) + subquerySuffix(expr)
    default:
      return indent + line
  }
}

/** A sign before a power is read as one of the whole power, so infinity has none there. */
const leftLine = ({ operator: name, left }: Binary): string =>
  name === '^' && left.kind === 'number' && left.value === Infinity ? 'Inf' : printLine(left)

function selector({ name, matchers }: VectorSelector): string {
  const isPlain = name === undefined || (PLAIN_NAME.test(name) && !RESERVED.has(name.toLowerCase()))
  const inside = matchers.map(matcher).sort()
  if (!isPlain) inside.unshift(quote(name))
  if (inside.length === 0) return name ?? '{}'
  return `${isPlain && name !== undefined ? name : ''}{${inside.join(',')}}`
}

const matcher = ({ label, operator, value }: Matcher): string =>
  (PLAIN_LABEL.test(label) || label === METRIC_NAME ? label : quote(label)) +
  operator +
  quote(value)

function at(time: At | undefined): string {
  if (time === undefined) return ''
  return typeof time === 'number' ? ` @ ${seconds(time)}` : ` @ ${time}()`
}

/** With three decimals, whatever the size. */
function seconds(ms: number): string {
  const digits = formatNumber(Math.abs(ms)).padStart(4, '0')
  return `${ms < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
}

const offset = (ms: number): string => (ms === 0 ? '' : ` offset ${formatDuration(ms)}`)

function subquerySuffix({ rangeMs, stepMs, at: time, offsetMs }: Subquery): string {
  const step = stepMs === undefined ? '' : formatDuration(stepMs)
  return `[${formatDuration(rangeMs)}:${step}]${at(time)}${offset(offsetMs)}`
}

function operator({ operator: name, isBool, matching }: Binary): string {
  let text = isBool ? `${name} bool` : name
  if (matching === undefined) return text
  const { isOn, labels: on, cardinality, include } = matching
  const isGrouped = cardinality === 'many-to-one' || cardinality === 'one-to-many'
  if (isOn || isGrouped || on.length > 0) text += ` ${isOn ? 'on' : 'ignoring'} (${labels(on)})`
  if (!isGrouped) return text
  return `${text} group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${labels(include)})`
}

function aggregateHead({ operator: name, grouping }: Aggregate): string {
  const { isWithout, labels: by } = grouping
  if (isWithout) return `${name} without (${labels(by)}) `
  return by.length === 0 ? name : `${name} by (${labels(by)}) `
}

const labels = (names: readonly string[]): string =>
  names.map((name) => (PLAIN_LABEL.test(name) ? name : quote(name))).join(', ')
