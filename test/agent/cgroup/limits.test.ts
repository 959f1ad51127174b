import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OwnLimits, tighten, UNLIMITED } from '../../../agent/cgroup/limits.ts'

const own = (limits: Partial<OwnLimits>): OwnLimits => ({
  path: '/a/b',
  memoryBytes: Number.NaN,
  cpuCores: Number.NaN,
  hierarchicalMemoryBytes: undefined,
  ...limits,
})
const above = { memoryBytes: 100, memoryCgroup: '/a', cpuCores: 2 }

describe('the tightest binds', () => {
  test('nothing is limited', () => expect(tighten(own({}), UNLIMITED)).toEqual(UNLIMITED))
  test('only above', () => expect(tighten(own({}), above)).toEqual(above))
  test('only itself', () =>
    expect(tighten(own({ memoryBytes: 50, cpuCores: 1 }), UNLIMITED)).toEqual({
      memoryBytes: 50,
      memoryCgroup: '/a/b',
      cpuCores: 1,
    }))
  test('each of the two on its own', () =>
    expect(tighten(own({ memoryBytes: 200, cpuCores: 1 }), above)).toEqual({
      memoryBytes: 100,
      memoryCgroup: '/a',
      cpuCores: 1,
    }))
  test('equal limits are its own', () =>
    expect(tighten(own({ memoryBytes: 100 }), above).memoryCgroup).toBe('/a/b'))
  test('a limit of 0 is a limit', () =>
    expect(tighten(own({ memoryBytes: 0 }), above).memoryBytes).toBe(0))
})

describe('what the kernel computed wins', () => {
  test('a limit above the mount: its cgroup is unknown', () =>
    expect(tighten(own({ memoryBytes: 200, hierarchicalMemoryBytes: 30 }), above)).toMatchObject({
      memoryBytes: 30,
      memoryCgroup: undefined,
    }))
  test('children are not counted: only its own limit', () =>
    expect(tighten(own({ memoryBytes: 200, hierarchicalMemoryBytes: 200 }), above)).toMatchObject({
      memoryBytes: 200,
      memoryCgroup: '/a/b',
    }))
  test('children are not counted, and it has no limit', () =>
    expect(tighten(own({ hierarchicalMemoryBytes: Number.NaN }), above)).toMatchObject({
      memoryBytes: Number.NaN,
      memoryCgroup: undefined,
    }))
  test('the same as the walk', () =>
    expect(tighten(own({ hierarchicalMemoryBytes: 100 }), above)).toEqual(above))
})

test('along any chain the limit is the minimum, and its cgroup one that has it', () => {
  const limit = fc.oneof(fc.constant(Number.NaN), fc.nat())
  fc.assert(
    fc.property(fc.array(limit, { minLength: 1 }), (chain) => {
      const bottom = chain.reduce(
        (parent, memoryBytes, i) => tighten(own({ path: String(i), memoryBytes }), parent),
        UNLIMITED,
      )
      const limits = chain.filter((bytes) => !Number.isNaN(bytes))
      expect(bottom.memoryBytes).toBe(limits.length === 0 ? Number.NaN : Math.min(...limits))
      const at = bottom.memoryCgroup === undefined ? Number.NaN : chain[Number(bottom.memoryCgroup)]
      expect(at).toBe(bottom.memoryBytes)
    }),
  )
})
