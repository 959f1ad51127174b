import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { RowBuilder } from '../../../collector/receive/rows.ts'
import { Skeletons } from '../../../collector/receive/skeletons.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { Tenants } from '../../../collector/receive/tenants.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { bodyOf } from './bodies.ts'

const now = Date.UTC(2026, 5, 1)
const idleMs = limits.tenantIdleMs.value

test('who sends nothing for long is forgotten, and the others have its share', () => {
  const tenants = new Tenants()
  const names = (nowMs: number) => [...tenants.all(nowMs)].map(({ name }) => name)
  const first = tenants.of('a', now)
  tenants.of('b', now)
  expect(first.skeletons.limit).toBe(limits.skeletonBytes.value / 2)
  tenants.of('a', now + idleMs)
  expect(names(now + idleMs)).toEqual(['a', 'b'])
  expect(names(now + idleMs + 1)).toEqual(['a'])
  expect(first.skeletons.limit).toBe(limits.skeletonBytes.value)
  expect(tenants.of('a', now + idleMs + 2)).toBe(first)
  expect(tenants.lastMs('b')).toBeUndefined()
})

test('what a tenant has beyond its share is given up when the share becomes smaller', () => {
  const skeletons = new Skeletons(1 << 20)
  const tenant = new Tenant('')
  const send = (i: number) => {
    const points = [{ timeMs: now, value: 1 }]
    const attributes = { 'service.name': `shop-${i}` }
    const body = bodyOf({ attributes, metrics: [{ name: 'up', points }] })
    skeletons.decode(body, new RowBuilder(new ColumnBatch(), tenant, now))
    return skeletons.takeCounts().known
  }
  for (let i = 1_000; i < 1_900; i++) send(i)
  const before = skeletons.bytes
  for (const limit of [before / 2, 1_000]) {
    skeletons.limit = limit
    expect(skeletons.bytes).toBeLessThanOrEqual(limit)
  }
  skeletons.limit = 1 << 20
  expect([send(1_000), send(1_000)]).toEqual([0, 1])
})
