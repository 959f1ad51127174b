import { describe, expect, test } from 'vitest'
import { Rotation } from '../../../agent/machine/rotation.ts'

const devices = (count: number) => Array.from({ length: count }, (_, i) => `veth${i}`)
/** Names in the order in which passes, 10 s apart, read them. */
function passes(rotation: Rotation, names: readonly string[], count: number, startMs = 0) {
  return Array.from({ length: count }, (_, i) => rotation.due(names, startMs + i * 10_000))
}

test('few are read once a minute too', () => {
  const due = passes(new Rotation(), devices(3), 13)
  expect(due.map((names) => names.length)).toEqual([3, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
  expect(due.flat().slice(3)).toEqual([...devices(3), ...devices(3)])
})

test('many are read once a minute each, evenly', () => {
  const rotation = new Rotation()
  const names = devices(120)
  expect(new Set(passes(rotation, names, 2).flat()).size).toBe(120)
  const round = passes(rotation, names, 6, 20_000)
  expect(round.map((due) => due.length)).toEqual([20, 20, 20, 20, 20, 20])
  expect(new Set(round.flat()).size).toBe(120)
})

test('a pass has a bound, and the rest comes with the next ones', () => {
  const rotation = new Rotation()
  const rounds = passes(rotation, devices(150), 3)
  expect(rounds.map((due) => due.length)).toEqual([64, 64, 22 + 25])
  expect(new Set(rounds.flat()).size).toBe(150)
  const many = passes(new Rotation(), devices(1000), 32)
  expect(Math.max(...many.map((due) => due.length))).toBe(64)
  const second = many.slice(16).flat()
  expect(new Set(second).size).toBe(1000)
})

test('a new device is read at once, one that went is not read', () => {
  const rotation = new Rotation()
  passes(rotation, devices(60), 2)
  const names = [...devices(60).slice(1), 'eth0']
  const next = passes(rotation, names, 6, 20_000)
  expect(next[0]).toContain('eth0')
  expect(next.flat()).not.toContain('veth0')
})

describe('a clock that jumps', () => {
  const f = (timeMs: number, most: number) => {
    const rotation = new Rotation()
    rotation.due(devices(60), 1_000_000)
    const due = rotation.due(devices(60), timeMs)
    expect(new Set(due).size).toBe(due.length)
    expect(due.length).toBeLessThanOrEqual(most)
  }
  test('back', () => f(0, 8))
  test('ahead', () => f(9_000_000, 60))
})
