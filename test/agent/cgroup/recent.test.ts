import { expect, test } from 'vitest'
import { Recent } from '../../../agent/cgroup/recent.ts'

test('a name counts until the second turn after it was added', () => {
  const recent = new Recent(10)
  recent.add('a')
  expect([recent.has('a'), recent.has('b'), recent.isEmpty]).toEqual([true, false, false])
  recent.turn()
  expect(recent.has('a')).toBe(true)
  recent.turn()
  expect([recent.has('a'), recent.isEmpty]).toEqual([false, true])
})

test('a name that is deleted counts no more, and says whether it did', () => {
  const recent = new Recent(10)
  recent.add('a')
  recent.turn()
  expect([recent.delete('a'), recent.delete('a'), recent.has('a')]).toEqual([true, false, false])
})

test('beyond the limit no name is kept', () => {
  const recent = new Recent(1)
  recent.add('a')
  recent.add('b')
  expect([recent.has('a'), recent.has('b')]).toEqual([true, false])
})
