import { expect, test } from 'vitest'
import { selected, type Selected } from './promql.ts'

const f = (expr: string, ...want: readonly Partial<Selected>[]) => {
  expect(selected(expr)).toEqual(want.map((each) => expect.objectContaining(each)))
}

test('finds every selector with what is around it', () => {
  f('up', { name: 'up', inside: undefined, range: undefined, matchers: new Map() })
  f('rate(a_total[5m])', { name: 'a_total', inside: 'rate', range: '5m' })
  f('rate(a_total{b=~"$c"}[$__rate_interval])', { matchers: new Map([['b', '=~"$c"']]) })
  f('topk(3, a / b)', { name: 'a', inside: undefined }, { name: 'b' })
  f('sum(rate(a_total[1m])) by (x) > 2', { name: 'a_total', inside: 'rate' })
  f('abs(a)', { name: 'a', inside: 'abs' })
  f('1 + 1')
})

test('refuses what is not PromQL', () => {
  expect(() => selected('sum(')).toThrow(SyntaxError)
  expect(() => selected('a b')).toThrow(SyntaxError)
})
