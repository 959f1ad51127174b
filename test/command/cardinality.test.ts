import { expect, test } from 'vitest'
import { Sampler } from '../../agent/pass.ts'
import { countSeries, describeCardinality } from '../../command/cardinality.ts'
import { renderRows } from '../../wire/exposition.ts'
import { fixture, optionsOf } from '../agent/fixture.ts'
import { readExposition } from '../read-exposition.ts'

const pass = () => {
  const sampler = new Sampler(optionsOf(fixture('v2-kubernetes-6.8')))
  try {
    return sampler.pass(1_800_000_000_000)
  } finally {
    sampler.close()
  }
}

test('counts what /metrics shows', () => {
  const taken = pass()
  const counted = countSeries(taken)
  const shown = readExposition(renderRows(taken.rows).toString())
  expect(counted.series).toBe(shown.size)
  const byName = Map.groupBy(shown.values(), ({ name }) => name)
  expect(counted.families.length).toBe(byName.size)
  for (const { name, series } of counted.families) expect(series).toBe(byName.get(name)!.length)
  expect(counted.families[0]!.series).toBeGreaterThan(counted.families.at(-1)!.series)
})

test('readers share the series, but those that speak of the readers', () => {
  const { readers, series, families } = countSeries(pass())
  const ofReaders = families
    .filter(({ name }) => name.startsWith('node_scrape_collector_'))
    .reduce((sum, family) => sum + family.series, 0)
  expect(readers.reduce((sum, reader) => sum + reader.series, 0)).toBe(series - ofReaders)
  expect(readers.map(({ name }) => name)).toEqual(expect.arrayContaining(['cgroup', 'stat']))
})

test('as a page', () => {
  const text = describeCardinality({
    series: 4,
    families: [
      { name: 'a', series: 3 },
      { name: 'b', series: 1 },
    ],
    readers: [{ name: 'stat', series: 4 }],
  })
  expect(text).toContain('4 series in 2 families')
  expect(text).toMatch(/3 +75\.0 % +a/)
  expect(text).toMatch(/4 +100\.0 % +stat/)
})
