import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as column from '../../../agent/cgroup/columns.ts'
import {
  keepLimits,
  type OwnLimits,
  sameLimits,
  tighten,
  tightenRow,
  UNLIMITED,
} from '../../../agent/cgroup/limits.ts'

const own = (limits: Partial<OwnLimits>): OwnLimits => ({
  path: '/a/b',
  memoryBytes: Number.NaN,
  cpuCores: Number.NaN,
  threads: Number.NaN,
  cpus: Number.NaN,
  hierarchicalMemoryBytes: undefined,
  ...limits,
})
const above = { memoryBytes: 100, memoryCgroup: '/a', cpuCores: 2, threads: 50, cpus: 4 }

describe('the tightest binds', () => {
  test('nothing is limited', () => expect(tighten(own({}), UNLIMITED)).toEqual(UNLIMITED))
  test('only above', () => expect(tighten(own({}), above)).toEqual(above))
  test('only itself', () =>
    expect(tighten(own({ memoryBytes: 50, cpuCores: 1, threads: 9, cpus: 3 }), UNLIMITED)).toEqual({
      memoryBytes: 50,
      memoryCgroup: '/a/b',
      cpuCores: 1,
      threads: 9,
      cpus: 3,
    }))
  test('each on its own', () =>
    expect(tighten(own({ memoryBytes: 200, cpuCores: 1, threads: 60 }), above)).toEqual({
      memoryBytes: 100,
      memoryCgroup: '/a',
      cpuCores: 1,
      threads: 50,
      cpus: 4,
    }))
  test('of CPUs the nearest says all: the kernel took those above into account', () =>
    expect(tighten(own({ cpus: 6 }), above).cpus).toBe(6))
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

describe('a row', () => {
  const row = (figures: Readonly<Record<number, number>>) => {
    const values = new Float64Array(column.COLUMNS).fill(Number.NaN)
    for (const [at, value] of Object.entries(figures)) values[Number(at)] = value
    return values
  }
  const tightened = (figures: Readonly<Record<number, number>>) => {
    const values = row(figures)
    tightenRow(values, { path: '/a', hierarchicalMemoryBytes: undefined }, UNLIMITED)
    return values
  }
  test('what is available is what the tightest limit leaves', () => {
    const values = tightened({ [column.MEMORY_LIMIT]: 100, [column.MEMORY_WORKING_SET]: 30 })
    expect(values[column.MEMORY_AVAILABLE]).toBe(70)
  })
  test('nothing is, above the limit', () => {
    const values = tightened({ [column.MEMORY_LIMIT]: 100, [column.MEMORY_WORKING_SET]: 130 })
    expect(values[column.MEMORY_AVAILABLE]).toBe(0)
  })
  test('without a limit it is absent', () =>
    expect(tightened({ [column.MEMORY_WORKING_SET]: 30 })[column.MEMORY_AVAILABLE]).toBeNaN())
  test.each([
    ['memory', column.MEMORY_LIMIT],
    ['quota', column.CPU_QUOTA],
    ['threads', column.THREADS_MAX],
    ['CPUs', column.CPUSET_CPUS],
  ])('a change of %s is noticed', (_, at) => {
    const values = row({ [at]: 5 })
    const before = keepLimits(values)
    expect(sameLimits(before, values)).toBe(true)
    values[at] = Number.NaN
    expect(sameLimits(before, values)).toBe(false)
  })
})
