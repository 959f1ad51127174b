import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InFlight } from '../../../collector/access/in-flight.ts'

/** Holds as much as it can, a unit at a time. */
function fill(inFlight: InFlight, tenant: string): number {
  let held = 0
  while (inFlight.hold(tenant, 1)) held += 1
  return held
}

test('who is alone has two thirds, and another finds room', () => {
  const inFlight = new InFlight(300, 2)
  expect(fill(inFlight, 'a')).toBe(200)
  expect(fill(inFlight, 'b')).toBeGreaterThan(60)
})

test('those who want all have equal shares once what was held is stored', () => {
  const inFlight = new InFlight(900, 2)
  fill(inFlight, 'greedy')
  const held = new Map([
    ['greedy', 600],
    ['b', 0],
    ['c', 0],
  ])
  const more = (tenant: string) => {
    if (!inFlight.hold(tenant, 1)) return false
    held.set(tenant, held.get(tenant)! + 1)
    return true
  }
  for (let round = 0; round < 100; round++) {
    let someone = true
    while (someone) someone = [...held.keys()].map(more).includes(true)
    if (round === 99) break
    for (const [tenant, amount] of held) {
      const stored = Math.ceil(amount / 10)
      inFlight.release(tenant, stored)
      held.set(tenant, amount - stored)
    }
  }
  const [greedy, b, c] = ['greedy', 'b', 'c'].map((tenant) => held.get(tenant)!)
  expect(Math.abs(greedy! - b!)).toBeLessThan(10)
  expect(Math.abs(b! - c!)).toBeLessThan(10)
})

test('without others the last of it can be had, and no more', () => {
  const inFlight = new InFlight(10, Infinity)
  expect(fill(inFlight, '')).toBe(10)
  inFlight.release('', 4)
  expect(inFlight.hold('', 5)).toBe(false)
  expect(inFlight.hold('', 4)).toBe(true)
})

test('the bound holds, and all comes back', () => {
  const step = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), amount: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const inFlight = new InFlight(100, 2)
      const held: typeof steps = []
      for (const { tenant, amount } of steps) {
        if (inFlight.hold(tenant, amount)) held.push({ tenant, amount })
        expect(inFlight.total).toBeLessThanOrEqual(100)
      }
      for (const { tenant, amount } of held) inFlight.release(tenant, amount)
      expect(inFlight.total).toBe(0)
      expect(fill(inFlight, 'a')).toBe(66)
    }),
  )
})
