import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fleet, type Life } from '../../demo/fleet.ts'
import { cell } from '../../demo/plans/cell.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type Plan } from '../../demo/plan.ts'
import { runs } from './runs.ts'

const EPOCH = Date.UTC(2026, 0, 1)
const fleetOf = (seed: number, plan: Plan = cell) => new Fleet({ seed, plan, epochMs: EPOCH })

const seeds = fc.integer()
const machines = fc.integer({ min: 0, max: 9_999 })
const times = fc.integer({ min: EPOCH, max: EPOCH + 400 * DAY_MS })

const livesAt = (fleet: Fleet, index: number, timeMs: number): Life[] => {
  const boot = fleet.bootAt(index, timeMs)
  if (boot === undefined) return []
  return fleet
    .machine(index)
    .places.flatMap((_, place) => fleet.lifeAt(index, place, boot, timeMs) ?? [])
}

test('the same seed gives the same fleet, in any order of questions', () => {
  fc.assert(
    fc.property(seeds, machines, times, times, (seed, index, one, other) => {
      const first = fleetOf(seed)
      const second = fleetOf(seed)
      const atOne = livesAt(first, index, one)
      livesAt(second, index, other)
      expect(livesAt(second, index, one)).toEqual(atOne)
      expect(second.machine(index)).toEqual(first.machine(index))
      expect(second.bootAt(index, one)).toEqual(first.bootAt(index, one))
    }),
    runs(50),
  )
})

test('ids of machines, boots and containers are unique', () => {
  const fleet = fleetOf(1)
  const some = Array.from({ length: 3_000 }, (_, i) => i)
  expect(new Set(some.map((i) => fleet.machine(i).hostId)).size).toBe(some.length)
  expect(new Set(some.map((i) => fleet.machine(i).name)).size).toBe(some.length)
  const now = EPOCH + 30 * DAY_MS
  expect(new Set(some.map((i) => fleet.bootAt(i, now)?.id ?? i)).size).toBe(some.length)
  const lives = some.flatMap((i) => livesAt(fleet, i, now))
  expect(lives.length).toBeGreaterThan(19 * some.length)
  expect(new Set(lives.map(({ containerId }) => containerId)).size).toBe(lives.length)
})

describe('lives', () => {
  test('begin and end when they say so, one after the other in a place', () => {
    fc.assert(
      fc.property(seeds, machines, times, (seed, index, timeMs) => {
        const fleet = fleetOf(seed)
        for (const life of livesAt(fleet, index, timeMs)) {
          const at = (ms: number) =>
            livesAt(fleet, index, ms).find(({ place }) => place === life.place)
          expect(life.startMs).toBeLessThanOrEqual(timeMs)
          expect(life.endMs).toBeGreaterThan(timeMs)
          expect(at(Math.max(EPOCH, life.startMs))).toEqual(life)
          expect(at(life.endMs)?.key).not.toBe(life.key)
          // To its end, unless the machine went down meanwhile.
          const bootId = (ms: number) => fleet.bootAt(index, ms)?.id
          const isSameBoot = bootId(life.endMs - 1) === bootId(timeMs)
          expect(at(life.endMs - 1)?.key === life.key).toBe(isSameBoot)
        }
      }),
      runs(50),
    )
  })

  test('every place is taken again, with another container', () => {
    const fleet = fleetOf(3)
    const seen = new Map<number, Set<string>>()
    // The fourth machine is of the lab.
    for (let ms = EPOCH; ms < EPOCH + HOUR_MS; ms += MINUTE_MS / 2) {
      for (const { place, containerId } of livesAt(fleet, 3, ms)) {
        seen.set(place, (seen.get(place) ?? new Set()).add(containerId))
      }
    }
    expect(fleet.machine(3).shape.name).toBe('lab')
    expect(seen.size).toBe(20)
    for (const place of [0, 1, 2, 3]) expect(seen.get(place)!.size).toBeGreaterThan(10)
  })
})

describe('machines', () => {
  test('restart with another boot id, and all that lived is gone', () => {
    const often: Plan = { ...cell, restartsPerDay: 0.9 }
    fc.assert(
      fc.property(seeds, machines, times, (seed, index, timeMs) => {
        const fleet = fleetOf(seed, often)
        const before = fleet.bootAt(index, timeMs)
        const after = fleet.bootAt(index, timeMs + 10 * DAY_MS)
        if (before === undefined || after === undefined) return
        expect(after.startMs).toBeGreaterThanOrEqual(before.startMs)
        expect(after.id === before.id).toBe(after.startMs === before.startMs)
        expect(before.startMs).toBeLessThanOrEqual(timeMs)
        for (const life of livesAt(fleet, index, timeMs + 10 * DAY_MS)) {
          expect(life.startMs).toBeGreaterThanOrEqual(after.startMs)
        }
      }),
      runs(50),
    )
  })

  test('restart as often as in a real cell, a few of them far more often', () => {
    const fleet = fleetOf(5)
    const days = 60
    const restarts = Array.from({ length: 2_000 }, (_, i) => {
      const boots = new Set<string>()
      for (let day = 0; day <= days; day++) {
        const boot = fleet.bootAt(i, EPOCH + day * DAY_MS)
        if (boot !== undefined) boots.add(boot.id)
      }
      return boots.size - 1
    })
    const sum = restarts.reduce((all, each) => all + each, 0)
    expect(sum / days).toBeGreaterThan(40)
    expect(sum / days).toBeLessThan(58)
    const worst = restarts.toSorted((a, b) => b - a).slice(0, 26)
    const part = worst.reduce((all, each) => all + each, 0) / sum
    expect(part).toBeGreaterThan(0.1)
    expect(part).toBeLessThan(0.35)
  })

  test('a new version of the agent comes to all of them, one after the other', () => {
    const fleet = fleetOf(1)
    const versionsAt = (ms: number) =>
      Map.groupBy(
        Array.from({ length: 500 }, (_, i) => fleet.versionAt(i, ms)),
        (version) => version,
      )
    expect(versionsAt(EPOCH + 5 * DAY_MS).size).toBe(1)
    expect(versionsAt(EPOCH + 14 * DAY_MS + 6 * HOUR_MS).size).toBe(2)
    expect(versionsAt(EPOCH + 15 * DAY_MS).size).toBe(1)
  })

  test('a small fleet has every shape', () => {
    const fleet = fleetOf(1)
    const shapes = cell.shapes.map((_, i) => fleet.machine(i).shape)
    expect(shapes).toEqual(cell.shapes)
  })
})
