import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { parseTokenFile } from '../../../collector/access/token-file.ts'
import { UsageError } from '../../../settings/usage-error.ts'

const SHA = 'ab'.repeat(32)
const FILES: Readonly<Record<string, string>> = {
  '/etc/people': 'a-token-of-people\n',
  '/conf/near': 'a-token-beside-it',
  '/etc/short': 'short\n',
  '/etc/two': 'first-token-of-two\nsecond-token-of-two\n',
}
function readFile(path: string): string {
  const text = FILES[path]
  if (text === undefined) throw new Error('ENOENT')
  return text
}
const parse = (text: string) => parseTokenFile('/conf/tokens.yml', text, readFile)

test('a token says who, for whom, what and how much', () => {
  const { tokens, files } = parse(`
tokens:
  - name: shop-agents
    tenant: shop
    scopes: [write]
    sha256: ${SHA.toUpperCase()}
    limits: { points_per_second: 50000, series: 2000, entities: 30 }
  - name: people
    scopes: [read, write, read]
    token_file: /etc/people
  - { name: near, tenant: shop, scopes: [read], token_file: near }
`)
  const allowed = {
    pointsPerSecond: limits.tokenPointsPerSecond.value,
    series: limits.tenantSeries.value,
    entities: limits.tenantEntities.value,
  }
  expect(tokens).toEqual([
    {
      name: 'shop-agents',
      tenant: 'shop',
      scopes: ['write'],
      digest: Buffer.from(SHA, 'hex'),
      allowed: { pointsPerSecond: 50_000, series: 2_000, entities: 30 },
    },
    {
      name: 'people',
      tenant: '',
      scopes: ['read', 'write'],
      digest: hash('sha256', 'a-token-of-people', 'buffer'),
      allowed,
    },
    {
      name: 'near',
      tenant: 'shop',
      scopes: ['read'],
      digest: hash('sha256', 'a-token-beside-it', 'buffer'),
      allowed,
    },
  ])
  expect(files).toEqual(['/etc/people', '/conf/near'])
})

test('an empty list lets nobody in, and a file without one is none', () => {
  expect(parse('tokens: []').tokens).toEqual([])
  expect(() => parse('')).toThrow('/conf/tokens.yml:1:1: tokens: expected a list')
})

function problemsOf(text: string): readonly string[] {
  try {
    parse(text)
    return []
  } catch (error) {
    return (error as UsageError).problems
  }
}

test('every problem is told with its place, and never what may be a token', () => {
  const f = (entry: string, ...want: string[]) => {
    const problems = problemsOf(`tokens:\n  - ${entry}\n`)
    expect(problems).toHaveLength(want.length)
    for (const [i, text] of want.entries()) expect(problems[i]).toContain(text)
  }
  const good = `name: a, scopes: [read], sha256: ${SHA}`
  f(`{ ${good} }`)
  f(
    `{ name: a, scopes: [read], sha256: hunter2-hunter2 }`,
    ':2:40: sha256: expected 64 hexadecimal',
  )
  f(`{ name: a, scopes: [read] }`, ':2:5: expected sha256 or token_file, found neither')
  f(`{ ${good}, token_file: /etc/people }`, 'found both')
  f(`{ name: a, scopes: [read], token_file: /etc/none }`, 'token_file: /etc/none cannot be read')
  f(`{ name: a, scopes: [read], token_file: /etc/short }`, 'expected one token of 16')
  f(`{ name: a, scopes: [read], token_file: /etc/two }`, 'expected one token of 16')
  f(`{ scopes: [read], sha256: ${SHA} }`, 'name: missing')
  f(`{ name: "a b", scopes: [read], sha256: ${SHA} }`, 'name: expected up to 64')
  f(`{ ${good}, tenant: "../b" }`, 'tenant: expected up to 64')
  f(`{ name: a, sha256: ${SHA} }`, 'scopes: expected write, read or both')
  f(`{ name: a, scopes: [raed], sha256: ${SHA} }`, 'found "raed", did you mean "read"?')
  f(`{ ${good}, tennant: b }`, 'unknown field "tennant", did you mean "tenant"?')
  f(`{ ${good}, limits: { series: 0 } }`, 'series: expected a whole number from 1 to')
  f(`{ ${good}, limits: { entities: 1e9 } }`, 'entities: expected a whole number from 1 to')
  f(`{ ${good}, limits: { points: 1 } }`, 'unknown field "points"')
  f(`text`, 'tokens: expected fields')
  const second = `{ name: a, scopes: [read], sha256: ${'cd'.repeat(32)} }`
  f(`{ ${good} }\n  - ${second}`, ':3:5: a second token of the name "a"')
  f(`{ ${good} }\n  - { name: b, scopes: [write], sha256: ${SHA} }`, ':3:5: the same token as "a"')
})

test('any text is a token file or a UsageError', () => {
  const piece = fc.constantFrom(
    'tokens:',
    '\n  - ',
    'name: a',
    'scopes: [read]',
    `sha256: ${SHA}`,
    '{',
    '}',
    ',',
    '&a ',
    '*a',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, (given) => {
      const outcome = (() => {
        try {
          return parse(given).tokens.length
        } catch (error) {
          return error instanceof UsageError ? error.problems.length : error
        }
      })()
      expect(outcome).toBeTypeOf('number')
    }),
  )
})
