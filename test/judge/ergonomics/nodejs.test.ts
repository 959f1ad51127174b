import { spawnSync } from 'node:child_process'
import { totalmem } from 'node:os'
import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import {
  defaultHeapBytes,
  nodeHeap,
  nodeMajor,
  youngBytes,
} from '../../../judge/ergonomics/nodejs.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { GIB, MIB } from '../rules/cpu-profiles.ts'
import { nodejs } from '../rules/other-profiles.ts'
import { without } from '../without.ts'

/** heap_size_limit of v8.getHeapStatistics() in containers of so many MiB. */
describe.each([
  [20, [259, 259, 524, 1048, 2096, 2096, 4144]],
  [24, [259, 259, 560, 1120, 2240, 2240, 4288]],
])('as measured with Node.js %i', (major, limits) => {
  const memories = [256, 512, 1024, 2048, 4096, 8192, 16_384]
  test.each(memories.map((memory, i) => [memory, limits[i]!]))(
    'of %i MiB it takes %i MiB',
    (memory, limit) => expect(defaultHeapBytes(memory * MIB, major)).toBe(limit * MIB),
  )
})

const heapHere = (flags: readonly string[], options = ''): number => {
  const program = 'console.log(require("v8").getHeapStatistics().heap_size_limit)'
  const { stdout } = spawnSync(process.execPath, [...flags, '-e', program], {
    encoding: 'utf8',
    env: { NODE_OPTIONS: options },
  })
  return Number(stdout)
}

describe('this Node.js says the same of itself', () => {
  const major = nodeMajor(process.versions.node)!
  const memory = process.constrainedMemory() || totalmem()
  const available = Math.min(memory, totalmem())
  test('by default', () => expect(heapHere([])).toBe(defaultHeapBytes(available, major)))
  test('with a size', () =>
    expect(heapHere(['--max-old-space-size=300'])).toBe(300 * MIB + youngBytes(available, major)))
  test('with a share, which wins over a size on either side', () => {
    const share = heapHere(['--max-old-space-size-percentage=20'])
    expect(share).toBeGreaterThan(300 * MIB)
    const size = '--max-old-space-size=300'
    expect(heapHere([size, '--max-old-space-size-percentage=20'])).toBe(share)
    expect(heapHere([size], '--max-old-space-size-percentage=20')).toBe(share)
  })
  test('with a size on the command line, which wins over NODE_OPTIONS', () =>
    expect(heapHere(['--max-old-space-size=300'], '--max-old-space-size=900')).toBe(
      300 * MIB + youngBytes(available, major),
    ))
})

describe('what a process believes', () => {
  const f = (change: Partial<RuntimeProfile>, want: string | undefined) => {
    const heap = nodeHeap({ ...nodejs, ...change })
    expect(heap && `${heap.value / MIB} ${heap.confidence} ${heap.source}`).toBe(want)
  }
  test.each([
    [{}, '560 strong default of Node.js 24'],
    [{ version: '22.1.0' }, '524 inferred default of Node.js 22'],
    [{ environment: { [CUT]: '' } }, undefined],
    [{ arguments: [CUT] }, undefined],
    [{ arguments: ['--max-old-space-size=300', CUT] }, '348 exact --max-old-space-size'],
    [{ version: '18.1.0', machineCgroups: 'hybrid' }, '524 inferred default of Node.js 18'],
    [{ arguments: ['--max-old-space-size=300'] }, '348 exact --max-old-space-size'],
    [{ arguments: ['--max_old_space_size 300'] }, '348 exact --max-old-space-size'],
    [
      { environment: { NODE_OPTIONS: '--max-old-space-size=100' } },
      '148 exact --max-old-space-size',
    ],
    [
      {
        arguments: ['--max-old-space-size=300'],
        environment: { NODE_OPTIONS: '--max-old-space-size=100' },
      },
      '348 exact --max-old-space-size',
    ],
    // As measured: 75 % of 1 GiB and the young generation.
    [
      { arguments: ['--max-old-space-size-percentage=75'] },
      '816 strong --max-old-space-size-percentage',
    ],
    // A share wins, wherever it is; then the command line.
    [
      {
        arguments: ['--max-old-space-size=300'],
        environment: { NODE_OPTIONS: '--max-old-space-size-percentage=75' },
      },
      '816 strong --max-old-space-size-percentage',
    ],
    [
      { environment: { NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size 100' } },
      '148 exact --max-old-space-size',
    ],
    // Before 20 cgroup v2 is not seen, nor is any where none is mounted, nor is one above.
    [{ version: '18.20.1' }, '4144 inferred default of Node.js 18'],
    [{ version: '18.20.1', machineCgroups: 'v1' }, '524 inferred default of Node.js 18'],
    [{ seesCgroups: false }, '4288 strong default of Node.js 24'],
  ])('%j: %s', (change, want) => f(change as Partial<RuntimeProfile>, want))
  test('a limit above its cgroup is not seen', () =>
    expect(nodeHeap(without(nodejs, 'ownMemoryLimitBytes'))!.value).toBe(4288 * MIB))
  test('unknown settings, unknown version: unknown', () => {
    expect(nodeHeap(without(nodejs, 'environment'))).toBeUndefined()
    expect(nodeHeap(without(nodejs, 'arguments'))).toBeUndefined()
    expect(nodeHeap(without(nodejs, 'version'))).toBeUndefined()
  })
  test('the machine may have less than the limit', () =>
    expect(
      nodeHeap({ ...nodejs, ownMemoryLimitBytes: 8 * GIB, machineMemoryBytes: GIB })!.value,
    ).toBe(560 * MIB))
})
