/**
 * Where a text stops being PromQL, and what Prometheus would have said of it. The grammar's tables tell
 * no more than the place, so what stands there, and within what, is read from the text before it.
 * Source: prometheus/promql/parser, generated_parser.y and lex.go.
 */
import { limits } from '../../../catalog/limit.ts'
import { NotSupported, QueryError } from '../query-error.ts'
import { functions } from './functions.ts'
import { quote } from './string-literal.ts'
import type { Span } from './tree.ts'

/** "1:5: parse error: …", lines and columns from 1, columns in UTF-16 units. */
export const fault = (text: string, span: Span, message: string): QueryError =>
  new QueryError('bad_data', positioned(text, span, message), {
    span: { from: span.from, to: span.to },
  })

export const notSupported = (text: string, span: Span, what: string): NotSupported =>
  new NotSupported(positioned(text, span, `${what} not supported`), span)

/** Of a literal that `unquote` refuses. */
export function badString(text: string, span: Span): QueryError {
  const literal = text.slice(span.from, span.to)
  const isClosed = /^(["'`])(?:[^\\]|\\[^])*\1$/.test(literal)
  const message = isClosed ? `unknown escape sequence in ${literal}` : 'unterminated quoted string'
  return fault(text, span, message)
}

/** Also said where it is the tables of the grammar that run out of room. */
export const tooDeep = (text: string, span: Span): QueryError =>
  fault(text, span, `the expression is nested more than ${limits.queryDepth.value} levels deep`)

export function positioned(text: string, { from }: Span, message: string): string {
  const before = text.slice(0, from)
  const line = before.split('\n').length
  return `${line}:${from - before.lastIndexOf('\n')}: parse error: ${message}`
}

type TokenKind =
  | 'end'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'keyword'
  | 'aggregate'
  | 'identifier'
  | 'mark'
  | 'unknown'

interface Token extends Span {
  readonly kind: TokenKind
  readonly text: string
}

const SKIPPED = /(?:\s|#[^\n]*)+/y
const FORMS: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`[^`]*`/y],
  ['duration', /\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*(?![\w.])/y],
  ['number', /0[xX][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?!\w)/y],
  ['identifier', /[A-Za-z_:][\w:]*/y],
  ['operator', /=~|!~|==|!=|<=|>=|[-+*/%^<>@]/y],
  ['mark', /[(){}[\],:=]/y],
]
const OPERATORS = new Set(['and', 'or', 'unless', 'atan2'])
const KEYWORDS = new Set(
  'offset smoothed anchored by without on ignoring group_left group_right bool'.split(' '),
)
const AGGREGATES = new Set(
  'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio'.split(
    ' ',
  ),
)
const GROUPERS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])

function tokenAt(text: string, at: number, inside: Opened['mark'] | undefined): Token {
  SKIPPED.lastIndex = at
  const skipped = SKIPPED.exec(text)
  const from = at + (skipped === null ? 0 : skipped[0].length)
  if (from >= text.length) return { kind: 'end', text: '', from, to: from }
  if (inside === '[' && text[from] === ':') return { kind: 'mark', text: ':', from, to: from + 1 }
  for (const [form, pattern] of FORMS) {
    pattern.lastIndex = from
    const found = pattern.exec(text)
    if (found === null) continue
    const [word] = found
    const kind = form === 'identifier' && inside !== '{' ? kindOfWord(word.toLowerCase()) : form
    return { kind, text: word, from, to: from + word.length }
  }
  const character = String.fromCodePoint(text.codePointAt(from)!)
  return { kind: 'unknown', text: character, from, to: from + character.length }
}

function kindOfWord(word: string): TokenKind {
  if (OPERATORS.has(word)) return 'operator'
  if (KEYWORDS.has(word)) return 'keyword'
  if (AGGREGATES.has(word)) return 'aggregate'
  return word === 'inf' || word === 'nan' ? 'number' : 'identifier'
}

/** Where the text fails, what is open there, and the two tokens before. */
interface Surroundings {
  readonly token: Token
  readonly open: readonly Opened[]
  readonly isTooDeep: boolean
  readonly last: Token | undefined
  readonly beforeLast: Token | undefined
}
interface Opened {
  readonly mark: '(' | '{' | '['
  /** Of labels rather than of an expression. */
  readonly isGrouping: boolean
  /** How many operators follow each other in it. */
  operators: number
}

function surroundings(text: string, to: number): Surroundings {
  const outermost = { operators: 0 }
  const open: Opened[] = []
  let isTooDeep = false
  let last: Token | undefined
  let beforeLast: Token | undefined
  for (let at = 0; ; at = last.to) {
    const token = tokenAt(text, at, open.at(-1)?.mark)
    if (token.kind === 'end' || token.kind === 'unknown' || token.from >= to) {
      return { token, open, last, beforeLast, isTooDeep }
    }
    const inner = open.at(-1) ?? outermost
    if (token.kind === 'operator') inner.operators++
    else if (token.text === ',') inner.operators = 0
    else if (token.text === '(' || token.text === '{' || token.text === '[') {
      const isGrouping = GROUPERS.has(last?.text.toLowerCase() ?? '')
      if (token.text === '[') inner.operators++
      open.push({ mark: token.text, isGrouping, operators: 0 })
    } else if (token.kind === 'mark' && ')}]'.includes(token.text)) open.pop()
    isTooDeep ||= open.length + inner.operators > limits.queryDepth.value
    beforeLast = last
    last = token
  }
}

/** The error of a text that the grammar does not take from `at` on. */
export function unexpected(text: string, at: number): QueryError {
  const badNumber = numberAround(text, at)
  if (badNumber !== undefined) {
    const word = quote(text.slice(badNumber.from, badNumber.to))
    return fault(text, badNumber, `bad number or duration syntax: ${word}`)
  }
  const { token, open, last, beforeLast, isTooDeep } = surroundings(text, at)
  // What the tables cannot hold is refused by them as if it were wrong.
  if (isTooDeep) return tooDeep(text, { from: at, to: at })
  if (last === undefined && token.kind === 'end') {
    return fault(text, { from: 0, to: text.length }, 'no expression found in input')
  }
  if (last !== undefined && last.kind === 'identifier' && token.text === '(') {
    const known = Object.hasOwn(functions, last.text)
    if (known) return notSupported(text, last, `function ${quote(last.text)} is`)
    return fault(text, last, `unknown function with name ${quote(last.text)}`)
  }
  if (last?.text === ',' && token.text === ')' && open.at(-1)?.isGrouping === false) {
    return fault(text, last, 'trailing commas not allowed in function call args')
  }
  const lexical = lexicalMessage(text, token, open)
  // Prometheus has read the parenthesis before it finds that there is none to close.
  const from = token.text === ')' ? token.to : token.from
  if (lexical !== undefined) return fault(text, { from, to: token.to }, lexical)
  const context = contextOf(open, last, beforeLast)
  return fault(text, token, `unexpected ${described(token)}${context}`)
}

/** The word that starts with a digit before `at` and goes on there. */
function numberAround(text: string, at: number): Span | undefined {
  let from = at
  while (from > 0 && /[\w.]/.test(text[from - 1]!)) from--
  if (from === at || !/\d/.test(text[from]!)) return undefined
  const to = from + /^[\w.]*/.exec(text.slice(from))![0].length
  return to > at ? { from, to } : undefined
}

/** What no token can be made of. */
function lexicalMessage(text: string, token: Token, open: readonly Opened[]): string | undefined {
  const inner = open.at(-1)
  if (token.kind === 'end') {
    if (inner?.mark === '{') return 'unexpected end of input inside braces'
    if (inner?.mark === '[') return 'unclosed left bracket'
    return inner === undefined ? undefined : 'unclosed left parenthesis'
  }
  if (token.text === ')' && open.length === 0) return "unexpected right parenthesis ')'"
  if (token.text === ']' && open.length === 0) return "unexpected right bracket ']'"
  if (token.kind !== 'unknown') return undefined
  if (token.text === '"' || token.text === "'") return 'unterminated quoted string'
  if (token.text === '`') return 'unterminated raw string'
  const where = inner?.mark === '{' ? ' inside braces' : ''
  if (token.text !== '!') return `unexpected character${where}: ${shown(token.text)}`
  return `unexpected character after '!'${where}: ${shown(text[token.to] ?? '')}`
}

const shown = (character: string) =>
  `'${character === '"' ? character : quote(character).slice(1, -1)}'`

const LABEL_CONTEXT = ' in label matching, expected '
const GROUPING_CONTEXT = ' in grouping opts, expected '

function contextOf(
  open: readonly Opened[],
  last: Token | undefined,
  beforeLast: Token | undefined,
): string {
  const inner = open.at(-1)
  const word = last?.text.toLowerCase() ?? ''
  if (inner?.mark === '{') {
    if (word === '{' || word === ',') return `${LABEL_CONTEXT}identifier or "}"`
    if (['=', '!=', '=~', '!~'].includes(word)) return `${LABEL_CONTEXT}string`
    const isMatched =
      last?.kind === 'string' && beforeLast?.text !== '{' && beforeLast?.text !== ','
    return `${LABEL_CONTEXT}${isMatched ? '"," or "}"' : 'label matching operator'}`
  }
  if (inner?.isGrouping === true) {
    return `${GROUPING_CONTEXT}${word === '(' || word === ',' ? 'label' : '"," or ")"'}`
  }
  if (GROUPERS.has(word)) return `${GROUPING_CONTEXT}"("`
  if (word === 'offset') return ' in offset, expected number or duration'
  if (word === '@') return ' in @, expected timestamp'
  if (inner?.mark === '[') {
    if (word === '[') return ' in subquery or range selector, expected number or duration'
    if (word === ':') return ' in subquery selector, expected number, duration or "]"'
    return ' in subquery or range, expected ":" or "]"'
  }
  return last?.kind === 'aggregate' ? ' in aggregation' : ''
}

function described({ kind, text }: Token): string {
  switch (kind) {
    case 'end':
      return 'end of input'
    case 'string':
    case 'number':
    case 'duration':
      return `${kind} ${text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text)}`
    case 'identifier':
      return `${text.includes(':') ? 'metric identifier' : 'identifier'} ${quote(text)}`
    case 'keyword':
      return `<${text}>`
    case 'operator':
      return `<op:${text}>`
    case 'aggregate':
      return `<aggr:${text}>`
    case 'mark':
    case 'unknown':
      return quote(text)
  }
}
