import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Metric } from '../../catalog/metric.ts'
import { container } from '../../catalog/tables/container.ts'
import { tables } from '../../catalog/tables.ts'
import { containerEntity } from '../../demo/entities.ts'
import { containerFigures } from '../../demo/figures.ts'
import { Fleet } from '../../demo/fleet.ts'
import { Forms, Passes } from '../../demo/passes.ts'
import { cell } from '../../demo/plans/cell.ts'
import { DAY_MS, MINUTE_MS } from '../../demo/plan.ts'
import { decodeMetrics } from '../../wire/otlp-decode.ts'
import { PassEncoder } from '../../wire/otlp-encode.ts'
import { emptyRow } from '../../wire/sample.ts'
import { runs } from './runs.ts'

const EPOCH = Date.UTC(2026, 0, 1)
const NOW = EPOCH + 100 * DAY_MS + 7_654_321

const passesOf = (seed: number, index: number, plan = cell) => {
  const fleet = new Fleet({ seed, plan, epochMs: EPOCH })
  return new Passes(fleet, new Forms(fleet, '0.1.0'), index)
}

interface Point {
  readonly entity: string
  readonly name: string
  readonly labels: string
  readonly kind: string
  readonly timeMs: number
  readonly startMs: number | undefined
  readonly value: number
}

const texts = new WeakMap<ReadonlyMap<string, string>, string>()
function text(attributes: ReadonlyMap<string, string>): string {
  let known = texts.get(attributes)
  if (known === undefined) texts.set(attributes, (known = JSON.stringify([...attributes])))
  return known
}

function pointsOf(body: Buffer): Point[] {
  const points: Point[] = []
  let entity = ''
  let metric = { name: '', kind: '' }
  decodeMetrics(body, {
    resource: (attributes) => (entity = text(attributes)),
    metric: (name, _unit, kind) => (metric = { name, kind }),
    point: (attributes, timeMs, startMs, value) =>
      points.push({ entity, ...metric, labels: text(attributes), timeMs, startMs, value }),
    distribution: () => expect.fail('no distribution was sent'),
    rejected: (count, reason) => expect.fail(`${count} ${reason}`),
  })
  return points
}

const seeds = fc.integer()
const machines = fc.integer({ min: 0, max: 9_999 })

test('a body is what the encoder of the agent makes of the same rows', () => {
  fc.assert(
    fc.property(seeds, machines, (seed, index) => {
      const fleet = new Fleet({ seed, plan: cell, epochMs: EPOCH })
      const passes = new Passes(fleet, new Forms(fleet, '0.1.0'), index)
      // The form of a workload is made at the first pass, and has to hold for the second.
      passes.at(NOW)
      const pass = passes.at(NOW + 15_000)
      const boot = fleet.bootAt(index, NOW + 15_000)
      if (pass === undefined || boot === undefined) return
      const rows = passes.machine.places.flatMap((_, place) => {
        const life = fleet.lifeAt(index, place, boot, NOW + 15_000)
        if (life === undefined) return []
        const row = emptyRow(container, containerEntity(fleet, passes.machine, life))
        containerFigures(life, NOW + 15_000, row.values)
        return [row]
      })
      const encoder = new PassEncoder({ version: '0.1.0' })
      const whole = Buffer.concat(encoder.encode({ timeMs: NOW + 15_000, rows }))
      const ended = pass.body.length - whole.length
      expect(ended).toBeGreaterThan(0)
      expect(pass.body.subarray(0, whole.length)).toEqual(whole)
    }),
    runs(20),
  )
})

test('20 containers of a cell tell 30 figures each', () => {
  const passes = passesOf(1, 0)
  const points = pointsOf(passes.at(NOW)!.body)
  const ofContainers = points.filter(({ entity }) => entity.includes('"container.id"'))
  expect(ofContainers.length).toBe(20 * 30)
  expect(points.every(({ entity }) => entity.includes('["candor.simulated","true"]'))).toBe(true)
})

test('as many samples as it says, but for what ended', () => {
  fc.assert(
    fc.property(seeds, machines, (seed, index) => {
      const pass = passesOf(seed, index).at(NOW)
      if (pass === undefined) return
      expect(pointsOf(pass.body).length).toBe(pass.samples)
    }),
    runs(20),
  )
})

/** Steps of a minute at most, so that no life is missed but the shortest. */
const steps = fc.array(fc.integer({ min: 1, max: 5 * MINUTE_MS }), { minLength: 2, maxLength: 60 })

test('no counter falls, nothing is infinite, and every kind is that of the catalogue', () => {
  const kinds = new Map(
    tables.flatMap(({ metrics }) => metrics.map((each: Metric) => [each.otel, each.kind] as const)),
  )
  fc.assert(
    fc.property(seeds, machines, steps, (seed, index, ms) => {
      const passes = passesOf(seed, index)
      const last = new Map<string, number>()
      const wrong: string[] = []
      let timeMs = NOW
      for (const step of ms) {
        timeMs += step
        for (const { entity, name, labels, kind, value, startMs } of pointsOf(
          passes.at(timeMs)?.body ?? Buffer.alloc(0),
        )) {
          if (Number.isNaN(value)) continue
          const key = [entity, name, labels, startMs].join('\n')
          const isFine = Number.isFinite(value) && value >= 0 && kind === kinds.get(name)
          if (!isFine) wrong.push(`${kind} ${value}: ${key}`)
          if (kind !== 'counter') continue
          const before = last.get(key) ?? 0
          if (value < before) wrong.push(`${value} after ${before}: ${key}`)
          last.set(key, value)
        }
      }
      expect(wrong).toEqual([])
    }),
    runs(10),
  )
})

describe('containers that end', () => {
  test('are told once more with their last values, and then that they have none', () => {
    // The fourth machine is of the lab, where some end every few minutes.
    const passes = passesOf(1, 3)
    const living = new Set<string>()
    const ended = new Set<string>()
    const cameBack: string[] = []
    for (let i = 0; i < 80; i++) {
      const timeMs = NOW + i * 15_000
      const points = pointsOf(passes.at(timeMs)!.body)
      const gone = points.filter(({ value }) => Number.isNaN(value))
      for (const entity of new Set(gone.map((each) => each.entity))) {
        expect(living).toContain(entity)
        const final = points.filter((each) => each.entity === entity && !Number.isNaN(each.value))
        expect(final.length).toBe(gone.filter((each) => each.entity === entity).length)
        for (const { timeMs: atMs } of final) {
          expect(atMs).toBeLessThan(timeMs)
          expect(atMs).toBeGreaterThan(timeMs - 15_001)
        }
      }
      const now = new Set(gone.map(({ entity }) => entity))
      for (const entity of now) {
        living.delete(entity)
        ended.add(entity)
      }
      for (const { entity } of points) {
        if (now.has(entity)) continue
        if (ended.has(entity)) cameBack.push(entity)
        living.add(entity)
      }
    }
    expect(cameBack).toEqual([])
    expect(ended.size).toBeGreaterThan(10)
    // The machine itself, and at most one in each place.
    expect(living.size).toBeLessThanOrEqual(21)
  })

  test('an agent that started anew does not know them', () => {
    const passes = passesOf(1, 3)
    passes.at(NOW)
    passes.forget()
    const points = pointsOf(passes.at(NOW + 20 * MINUTE_MS)!.body)
    expect(points.some(({ value }) => Number.isNaN(value))).toBe(false)
  })
})

test('a machine that is down tells nothing, and comes back as another boot', () => {
  const passes = passesOf(1, 0, { ...cell, restartsPerDay: 2 })
  const boots = new Set<string | undefined>()
  for (let i = 0; i < 24 * 60; i++) boots.add(passes.at(NOW + i * MINUTE_MS)?.bootId)
  expect(boots).toContain(undefined)
  expect(boots.size).toBeGreaterThan(2)
})
