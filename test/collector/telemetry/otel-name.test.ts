import { expect, test } from 'vitest'
import { own, type OwnMetric } from '../../../catalog/own.ts'
import { spans } from '../../../catalog/span.ts'
import { otelName } from '../../../collector/telemetry/otel-name.ts'
import * as conventions from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'

test('the unit and _total are told apart from the name', () => {
  const f = (row: OwnMetric, want: string) => expect(otelName(row)).toBe(want)
  f(own.storeRows, 'candor.store.rows')
  f(own.storeCommits, 'candor.store.commit.duration')
  f(own.rollupSeconds, 'candor.rollup.duration')
  f(own.storeDroppedBytes, 'candor.store.dropped')
  f(own.storeFreeBytes, 'candor.store.disk.free')
  f(own.sloIndicator, 'candor.slo.indicator')
  f(own.sloBurn, 'candor.slo.burn.rate')
})

test('no two have the same name', () => {
  const rows = Object.values<OwnMetric>(own)
  expect(new Set(rows.map(otelName)).size).toBe(rows.length)
})

test('attributes of spans are ours, or those of the semantic conventions', () => {
  const known = new Set<unknown>(Object.values({ ...incubating, ...conventions }))
  const strange = Object.values(spans)
    .flatMap(({ attributes }) => Object.keys(attributes))
    .filter((name) => !name.startsWith('candor.') && !known.has(name))
  expect(strange).toEqual([])
})
