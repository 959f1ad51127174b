import { expect, test } from 'vitest'
import { ByteCache } from '../../wire/byte-cache.ts'

test('finds by content, never by place', () => {
  const cache = new ByteCache<string>(16, 8)
  cache.keep(Buffer.from('..key'), 2, 5, 'value')
  expect(cache.find(Buffer.from('key'), 0, 3)).toBe('value')
  expect(cache.find(Buffer.from('kez'), 0, 3)).toBeUndefined()
  expect(cache.find(Buffer.from('ke'), 0, 2)).toBeUndefined()
})

test('keeps its own copy of the key', () => {
  const cache = new ByteCache<string>(16, 8)
  const bytes = Buffer.from('key')
  cache.keep(bytes, 0, 3, 'value')
  bytes.fill(0)
  expect(cache.find(Buffer.from('key'), 0, 3)).toBe('value')
  expect(cache.find(bytes, 0, 3)).toBeUndefined()
})

test('holds no more than its slots, and the newest stays', () => {
  const cache = new ByteCache<number>(4, 8)
  const keys = Array.from({ length: 100 }, (_, i) => Buffer.from(`key${i}`))
  keys.forEach((key, i) => cache.keep(key, 0, key.length, i))
  expect(cache.find(keys[99]!, 0, keys[99]!.length)).toBe(99)
  const held = keys.filter((key) => cache.find(key, 0, key.length) !== undefined)
  expect(held.length).toBeLessThanOrEqual(4)
})

test('long keys are not kept', () => {
  const cache = new ByteCache<string>(4, 8)
  const key = Buffer.from('123456789')
  cache.keep(key, 0, key.length, 'value')
  expect(cache.find(key, 0, key.length)).toBeUndefined()
})

test('keys that differ in one byte only are told apart, however long they are', () => {
  for (const length of [1, 127, 128, 129, 500]) {
    const cache = new ByteCache<string>(1, 1_000)
    const key = Buffer.alloc(length, 'a')
    cache.keep(key, 0, length, 'value')
    expect(cache.find(key, 0, length)).toBe('value')
    for (const at of [0, length - 1]) {
      const other = Buffer.from(key)
      other[at] = 98
      expect(cache.find(other, 0, length)).toBeUndefined()
    }
  }
})

test('more bytes of keys than may be empty the cache, and the newest stays', () => {
  const cache = new ByteCache<number>(1_024, 8, 20)
  const keys = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map((text) => Buffer.from(text))
  for (const [i, key] of keys.entries()) {
    cache.keep(key, 0, 8, i)
    // The same again takes nothing more.
    cache.keep(key, 0, 8, i)
  }
  expect(keys.map((key) => cache.find(key, 0, 8))).toEqual([undefined, undefined, 2])
})
