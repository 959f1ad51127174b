import { expect, test } from 'vitest'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { WriteRows } from '../../../collector/receive/write-rows.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { pointShape } from '../../../collector/store/schema.ts'
import { decodeWriteV1 } from '../../../wire/remote-write.ts'
import { type Histogram, writeV1 } from '../../wire/write-body.ts'

const now = Date.UTC(2026, 5, 1)
const CUSTOM = -53

test('what is remembered of histograms is bounded: what ends then is not known in its parts', () => {
  const bounds = [1, 2, 3]
  const positive = { spans: [[0, 4]] as const, counts: [1, 1, 1, 1] }
  const told: Histogram = { timeMs: now, count: 4, schema: CUSTOM, bounds, positive }
  const ended: Histogram = { timeMs: now + 1, count: 0, sum: 'stale' }
  /** Rows that say that a series has ended. */
  const f = (limit: number): number => {
    const tenant = new Tenant('')
    tenant.destinations.limit = limit
    const batch = new ColumnBatch()
    const rows = (histogram: Histogram) => {
      const before = batch.table(pointShape).length
      const body = writeV1([{ labels: { __name__: 'took' }, histograms: [histogram] }])
      decodeWriteV1(body, new WriteRows(batch, tenant, now))
      return batch.table(pointShape).length - before
    }
    expect(rows(told)).toBe(bounds.length + 3)
    return rows(ended)
  }
  expect(f(100)).toBe(bounds.length + 3)
  expect(f(5)).toBe(2)
})
