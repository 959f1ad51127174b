import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Recent } from '../../../../collector/query/leaf/recent.ts'

let nowMs = 0
let asked = 0
const recent = new Recent(2_000, 2, () => nowMs)
const get = (key: string) => recent.get(key, () => Promise.resolve(++asked))

test('what was asked a moment ago is not asked again, and later is', async () => {
  expect(await Promise.all([get('a'), get('a')])).toEqual([1, 1])
  nowMs = 1_999
  expect(await get('a')).toBe(1)
  nowMs = 2_000
  expect(await get('a')).toBe(2)
})

test('what was asked first gives way to what comes', async () => {
  expect(await get('b')).toBe(3)
  expect(await get('c')).toBe(4)
  expect(await get('b')).toBe(3)
  expect(await get('a')).toBe(5)
})

test('what failed is asked again', async () => {
  const fail = () => recent.get('f', () => Promise.reject(new Error('away')))
  await expect(fail()).rejects.toThrow('away')
  expect(await get('f')).toBe(6)
})

test('what is too old to be told again is forgotten, however few there are', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const some = new Recent(2_000, 100, () => nowMs)
  const answers = await Promise.all(
    ['g', 'h'].map(async (key) => new WeakRef(await some.get(key, () => Promise.resolve({ key })))),
  )
  const left = async () => {
    await setImmediate()
    collect()
    return answers.filter((each) => each.deref() !== undefined).length
  }
  nowMs += 1_999
  await some.get('i', () => Promise.resolve(0))
  expect(await left()).toBe(2)
  nowMs += 1
  await some.get('j', () => Promise.resolve(0))
  expect(await left()).toBe(0)
})
