import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EntityRows } from '../../../agent/cgroup/entity-rows.ts'
import { limits } from '../../../catalog/limit.ts'
import { containerNetwork } from '../../../catalog/tables/container-network.ts'
import type { Entity } from '../../../wire/sample.ts'

const entity: Entity = { kind: 'container', attributes: {} }
const MOST = limits.containerRows.value

/** Those that begin with `-` are left out. */
function rowsOf() {
  let asked = 0
  const rows = new EntityRows(containerNetwork, entity, (name) => {
    asked += 1
    return name.startsWith('-') ? undefined : [name]
  })
  const pass = (names: readonly (string | Buffer)[]) => {
    asked = 0
    rows.begin()
    names.forEach((name, i) => {
      const bytes = Buffer.from(name as string)
      const values = rows.next(bytes, 0, bytes.length)
      if (values !== undefined) values[0] = i
    })
    return rows.finish().map(({ keys, values }) => [keys[0], values[0]] as const)
  }
  return { rows, pass, asked: () => asked }
}

test('each name keeps its row, whatever comes before it, and has the figures of its place', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', '-', '-x', 'long one')
  const names = fc.uniqueArray(name, { maxLength: 7 })
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 5 }), (passes) => {
      const { rows, pass } = rowsOf()
      for (const each of passes) {
        const before = new Map(rows.finish().map((row) => [row.keys[0], row]))
        const want = each.map((one, i) => [one, i] as const).filter(([one]) => !one.startsWith('-'))
        expect(pass(each)).toEqual(want)
        for (const row of rows.finish()) expect(before.get(row.keys[0]) ?? row).toBe(row)
      }
    }),
  )
})

test('names that are not UTF-8 are left out and counted: two of them could be the same series', () => {
  const { rows, pass } = rowsOf()
  expect(pass(['a', Buffer.from([0xff, 0x31]), Buffer.from([0xfe, 0x31])])).toEqual([['a', 0]])
  expect(rows.cut).toBe(true)
  expect(pass(['a', Buffer.from([0xfe, 0x31])])).toEqual([['a', 0]])
  expect(rows.cut).toBe(true)
  pass(['a'])
  expect(rows.cut).toBe(false)
})

test('a name that comes twice is one series', () => {
  expect(rowsOf().pass(['a', 'b', 'a'])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
})

test('above the limit nothing is kept, and no more is asked once it is full', () => {
  const { rows, pass, asked } = rowsOf()
  const names = (letter: string) => Array.from({ length: 8_000 }, (_, i) => `${letter}${i}`)
  for (const [letter, want] of [
    ['a', MOST],
    ['a', MOST],
    // Those that are gone leave their room to the next pass.
    ['b', 0],
    ['b', MOST],
  ] as const) {
    expect(pass(names(letter))).toHaveLength(want)
    expect(rows.cut).toBe(true)
    expect(asked()).toBeLessThanOrEqual(MOST + 1)
  }
  expect(pass(names('b').toReversed())).toHaveLength(MOST)
  expect(pass(['b1'])).toEqual([['b1', 0]])
  pass(['b1'])
  expect(rows.cut).toBe(false)
})

test('what is left out takes no room from what is not', () => {
  const { rows, pass } = rowsOf()
  const leftOut = Array.from({ length: 2 * MOST }, (_, i) => `-${i}`)
  for (let times = 0; times < 2; times += 1) {
    expect(pass([...leftOut, 'a'])).toEqual([['a', 2 * MOST]])
    expect(rows.cut).toBe(false)
  }
})
