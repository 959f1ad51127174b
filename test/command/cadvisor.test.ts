/** Pages of cAdvisor beside what we read of the same cgroups: nothing is missing without a reason. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Sampler } from '../../agent/pass.ts'
import { comparePages, isDifferent, type Page } from '../../command/compare-pages.ts'
import { describeComparison } from '../../command/comparison-report.ts'
import { renderRows } from '../../wire/exposition.ts'
import { parseExposition } from '../../wire/parse-exposition.ts'
import { fixture, optionsOf } from '../agent/fixture.ts'

const AT_MS = 1_800_000_000_000
const LIMITS = { samples: 10_000, labels: 20, labelBytes: 500 }
const page = (text: string, fromMs: number): Page => ({
  fromMs,
  toMs: fromMs,
  families: parseExposition(text, LIMITS),
})

test.each(['v1-centos7-3.10', 'v2-kubernetes-6.8'] as const)('%s', async (name) => {
  const sampler = new Sampler(optionsOf(fixture(name)))
  const text = renderRows(sampler.pass(AT_MS).rows).toString()
  sampler.close()
  const theirs = readFileSync(`${fixture(name)}/cadvisor.prom`, 'utf8')
  const before = AT_MS - 1000
  const found = comparePages([page(theirs, AT_MS)], [page(text, before), page(text, AT_MS + 10)])
  expect(isDifferent(found)).toBe(false)
  expect(found.compared).toBeGreaterThan(5)
  await expect(
    `${describeComparison('http://cadvisor:8080/metrics', 1, found)}\n`,
  ).toMatchFileSnapshot(`../golden/diff-cadvisor-${name}.txt`)
})
