/** Expressions as people and programs might write them: all of the grammar, most of it of fitting types. */
import fc from 'fast-check'
import { functions } from '../../../../collector/query/language/functions.ts'
import type { ValueType } from '../../../../collector/query/language/tree.ts'

const word = fc.constantFrom('a', 'b', 'job', 'le', 'sum', 'by', 'start', 'rate', 'x_1')
const label = fc.oneof(word, fc.constantFrom('on', '"a.b"', "'é'", '`x y`', 'bool', 'inf'))
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => JSON.stringify(value)),
  fc.constantFrom('"a|b"', "'x.+'", '`\\d+`', '""', '"\\x00\\u2028"'),
)
const pattern = fc.constantFrom('"a.*"', '"x|y|"', '`[0-9]+`', "'(a|b)c?'", '".+"', '""')
const duration = fc.constantFrom('5m', '1h30m', '300', '1.5', '1d', '90s', '1y2w', '100ms')
const blank = fc.constantFrom('', ' ', '\n', ' # why\n ')
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    '1',
    '0',
    '0x1f',
    '017',
    '1_000',
    'NaN',
    'Inf',
    '-inf',
    '5m',
    '-1',
    '+2',
    '.5',
    '1e3',
  ),
)

const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((all) => all.join(''))
const is = fc.constant
const maybe = (part: fc.Arbitrary<string>) => fc.oneof(is(''), part)
const list = (part: fc.Arbitrary<string>, constraints = {}) =>
  fc.array(part, { maxLength: 3, ...constraints }).map((parts) => parts.join(', '))

const labels = join(is('('), list(label), is(')'))
const matcher = fc.oneof(
  join(label, fc.constantFrom('=', ' != '), text),
  join(label, fc.constantFrom('=~', ' !~ '), pattern),
)
const selector = fc.oneof(
  word,
  join(word, is('{'), list(matcher), is('}')),
  join(is('{'), list(matcher), is(', a="b"}')).map((one) => one.replace('{, ', '{')),
  join(is('{"a.b"'), maybe(join(is(', '), matcher)), is('}')),
)
const moved = fc.oneof(
  { weight: 4, arbitrary: is('') },
  fc.constantFrom(
    ' offset 5m',
    ' offset -1h',
    ' @ 10.5',
    ' @ start()',
    ' @ end() offset 1m',
    ' offset 1m @ -3',
  ),
)
const range = join(is('['), duration, is(']'))
const subrange = join(is('['), duration, is(':'), maybe(duration), is(']'))

const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '^', ' atan2 ')
const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=')
const set = fc.constantFrom('and', 'or', 'unless', 'OR')
const how = fc.oneof(
  { weight: 3, arbitrary: is('') },
  join(fc.constantFrom(' on', ' ignoring '), labels),
  join(
    fc.constantFrom(' on', ' ignoring'),
    labels,
    fc.constantFrom(' group_left', ' group_right '),
    labels,
  ),
)
const aggregate = fc.constantFrom(
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'stdvar',
  'SUM',
)
const ranked = fc.constantFrom('topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio')
const grouping = maybe(join(fc.constantFrom(' by ', ' without '), labels, is(' ')))

type Texts = Record<ValueType | 'any', string>

const called = (returns: ValueType, tie: (key: ValueType) => fc.Arbitrary<string>) => {
  const names = Object.entries(functions)
    .filter(([, type]) => type.supported && type.returns === returns)
    .map(([name]) => name)
  return fc
    .constantFrom(...names)
    .chain((name) =>
      fc.tuple(...functions[name]!.args.map(tie)).map((args) => `${name}(${args.join(', ')})`),
    )
}

/** Texts of each type; `any` mixes types up. */
export const expressions = fc.letrec<Texts>((tie) => ({
  scalar: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    number,
    join(is('('), tie('scalar'), is(')')),
    join(fc.constantFrom('-', '+', '- '), tie('scalar')),
    join(tie('scalar'), is(' '), arithmetic, is(' '), tie('scalar')),
    join(tie('scalar'), comparison, is(' bool '), tie('scalar')),
    called('scalar', tie),
  ),
  vector: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    join(selector, moved),
    join(is('('), blank, tie('vector'), blank, is(')')),
    join(fc.constantFrom('-', '+'), tie('vector')),
    join(tie('vector'), blank, arithmetic, blank, tie('scalar')),
    join(tie('scalar'), is(' '), comparison, is(' '), tie('vector')),
    join(tie('vector'), is(' '), arithmetic, how, is(' '), tie('vector')),
    join(tie('vector'), comparison, maybe(is(' bool')), how, is(' '), tie('vector')),
    join(
      tie('vector'),
      is(' '),
      set,
      is(' '),
      maybe(join(is('on'), labels)),
      is(' '),
      tie('vector'),
    ),
    join(aggregate, grouping, is('('), tie('vector'), is(')')),
    join(aggregate, is('('), tie('vector'), is(')'), grouping),
    join(ranked, grouping, is('('), tie('scalar'), is(', '), tie('vector'), is(')')),
    join(is('count_values("v", '), tie('vector'), is(')'), grouping),
    called('vector', tie),
  ),
  matrix: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    join(selector, range, moved),
    join(is('('), tie('vector'), is(')'), subrange, moved),
    join(selector, subrange, moved),
  ),
  string: text,
  any: fc.oneof(tie('scalar'), tie('vector'), tie('matrix'), tie('string')),
}))
