import { describe, expect, test } from 'vitest'
import { forecast } from '../../../../collector/store/operate/forecast.ts'
import type { Partition } from '../../../../collector/store/retention.ts'

const DAY = 86_400_000
const now = Date.UTC(2026, 5, 20)
const retention = { raw: 15 * DAY, minutes: 90 * DAY, hours: 400 * DAY }

const day = (back: number, bytes: number, table = 'point'): Partition => {
  const partition = new Date(now - back * DAY).toISOString().slice(0, 10)
  return { table, partition, id: partition.replaceAll('-', ''), rows: 1, bytes }
}

describe('forecast', () => {
  const f = (partitions: Partition[], free: number, want: object, bytes?: number) =>
    expect(
      forecast(partitions, bytes === undefined ? retention : { ...retention, bytes }, free, now),
    ).toEqual(want)

  test('none before a day is over', () => f([day(0, 7)], 100, { bytes: 7 }))
  test('days of samples until as much goes as comes', () =>
    f([day(1, 100), day(0, 5)], 1e9, { bytes: 105, bytesPerDay: 100, finalBytes: 105 + 1_400 }))
  test('the disk is full before', () =>
    f([day(1, 100)], 700, { bytes: 100, bytesPerDay: 100, finalBytes: 1_500, fullInDays: 7 }))
  test('what is kept longer goes on growing when the rest does not', () =>
    f([day(1, 100), { ...day(8, 700), table: 'point_1m' }], 3_000, {
      bytes: 800,
      bytesPerDay: 200,
      finalBytes: 800 + 1_400 + 8_200,
      fullInDays: 14 + 200 / 100,
    }))
  test('a full span grows no more', () =>
    f(
      Array.from({ length: 15 }, (_, i) => day(i + 1, 100)),
      0,
      { bytes: 1_500, bytesPerDay: 100, finalBytes: 1_500 },
    ))
  test('a bound of the store comes before that of the disk', () =>
    f([day(1, 100)], 700, { bytes: 100, bytesPerDay: 100, finalBytes: 600 }, 600))
})
