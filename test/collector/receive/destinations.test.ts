import { expect, test } from 'vitest'
import { KIND_ATTRIBUTE } from '../../../catalog/entity.ts'
import { Destinations } from '../../../collector/receive/destinations.ts'
import { makeSource } from '../../../collector/receive/source.ts'
import { FOREIGN_SCOPE, UNTYPED_SCOPE } from '../../../wire/otlp-foreign.ts'

const machine = makeSource(
  '',
  new Map([
    [KIND_ATTRIBUTE, 'machine'],
    ['host.id', 'a'],
  ]),
)

test('one name with any number of units, kinds and origins is as many metrics, each found again', () => {
  const destinations = new Destinations('')
  const all = [
    ...Array.from({ length: 20_000 }, (_, i) => ['', `u${i}`, 'gauge'] as const),
    ['', 'u0', 'counter'] as const,
    [FOREIGN_SCOPE, 'u0', 'gauge'] as const,
    [UNTYPED_SCOPE, 'u0', 'gauge'] as const,
  ]
  const find = () =>
    all.map(([scope, unit, kind]) => destinations.metric(machine, scope, 'm', unit, kind))
  const first = find()
  expect(new Set(first).size).toBe(all.length)
  expect(first.map(({ unit, kind }) => [unit, kind])).toEqual(all.map(([, ...rest]) => rest))
  for (const [i, metric] of find().entries()) expect(metric).toBe(first[i])
})
