import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Judgement, Verdict } from '../../../judge/finding.ts'
import type { MachineProfile, RequestMix } from '../../../judge/profile.ts'
import { judgeMachine } from '../../../judge/rules/rules.ts'
import { mayStrand } from '../../../judge/rules/strand.ts'
import { without } from '../without.ts'

const GIB = 1024 ** 3

/** 32 cores of which 11.3 are free, 128 GiB of which 0.8 are. */
const machine: MachineProfile = {
  kind: 'machine',
  entity: { 'host.id': 'cafe' },
  name: 'tower',
  machine: 'tower',
  historySeconds: 86_400,
  coverage: 1,
  cpuCores: 32,
  memoryBytes: 128 * GIB,
  cpuAllocatedCores: 20.7,
  memoryAllocatedBytes: 127.2 * GIB,
  containersWithoutLimits: 0,
  cpuUsedCores: 12,
  memoryUsedBytes: 100 * GIB,
  cpuFullShare: 0,
  memoryFullShare: 1,
}
const mix: RequestMix = { containers: 40, medianCpuCores: 2, medianMemoryBytes: 8 * GIB }

/** The same machine with CPU and memory in each other's place, a core for a GiB. */
const mirrored: MachineProfile = {
  ...machine,
  cpuCores: 128,
  memoryBytes: 32 * GIB,
  cpuAllocatedCores: 127.2,
  memoryAllocatedBytes: 20.7 * GIB,
  cpuUsedCores: 100,
  memoryUsedBytes: 12 * GIB,
  cpuFullShare: 1,
  memoryFullShare: 0,
}
const mirroredMix: RequestMix = { containers: 40, medianCpuCores: 8, medianMemoryBytes: 2 * GIB }

const cpu = (change: Partial<MachineProfile> = {}, asked: Partial<RequestMix> = {}): Judgement =>
  judgeMachine({ ...machine, ...change }, { ...mix, ...asked }).get('strand.cpu')!
const memory = (change: Partial<MachineProfile> = {}): Judgement =>
  judgeMachine({ ...mirrored, ...change }, mirroredMix).get('strand.mem')!

function verdict(judgement: Judgement): Verdict {
  if (judgement.kind !== 'finding') throw new Error(`no finding but ${JSON.stringify(judgement)}`)
  return judgement.verdict
}

describe('a finding', () => {
  test('CPU behind a wall of memory', () => {
    const found = verdict(cpu())
    expect(found).toMatchObject({
      rule: 'strand.cpu',
      severity: 'info',
      confidence: 'strong',
      summary:
        '11.3 cores unusable, memory is the wall (0.8 GiB left, typical request 8 GiB). By limits 127 GiB of 128 GiB memory are taken, by use 100 GiB.',
      fix: 'move the container with the most memory to a machine with memory left, or give this shape of machine 44.4 GiB more memory: typical requests for the free CPU take that much',
    })
    expect(found.evidence.map(({ name, unit }) => [name, unit])).toEqual([
      ['free CPU', '{cpu}'],
      ['memory left', 'By'],
      ['time with memory full', '1'],
    ])
    expect(found.fixValues['stranded']).toBeCloseTo(11.3)
    expect(found.fixValues['typical']).toBe(8 * GIB)
    expect(judgeMachine(machine, mix).get('strand.mem')).toEqual({ kind: 'fine' })
  })
  test('memory behind a wall of CPU', () => {
    const found = verdict(memory())
    expect(found).toMatchObject({
      rule: 'strand.mem',
      summary:
        '11.3 GiB of memory unusable, CPU is the wall (0.8 cores left, typical request 8 cores). By limits 127 cores of 128 cores CPU are taken, by use 100 cores.',
    })
    expect(judgeMachine(mirrored, mirroredMix).get('strand.cpu')).toEqual({ kind: 'fine' })
  })
  test('limits that nobody uses are the first thing to lower', () => {
    expect(verdict(cpu({ memoryUsedBytes: 30 * GIB })).fix).toBe(
      'lower the memory limits first: 127 GiB are granted, 30 GiB are used',
    )
    const unknown = without(machine, 'memoryUsedBytes')
    expect(verdict(judgeMachine(unknown, mix).get('strand.cpu')!).summary).toMatch(
      /its use is not known\.$/,
    )
  })
  test('containers without limits make it a guess', () => {
    expect(verdict(cpu({ containersWithoutLimits: 2 })).confidence).toBe('inferred')
  })
  test('limits beyond the capacity leave nothing, not less than nothing', () => {
    expect(verdict(cpu({ memoryAllocatedBytes: 300 * GIB })).summary).toMatch(/\(0 GiB left/)
  })
})

describe('fine', () => {
  const f = (judgement: Judgement) => expect(judgement).toEqual({ kind: 'fine' })
  test('an idle machine: idle is not stranded', () => {
    f(cpu({ cpuAllocatedCores: 0, memoryAllocatedBytes: 0, memoryFullShare: 0 }))
  })
  test('a machine that is unbalanced and still takes work', () => {
    f(cpu({ memoryAllocatedBytes: 100 * GIB, memoryFullShare: 0 }))
  })
  test('a machine that is full in both is balanced', () => {
    f(cpu({ cpuAllocatedCores: 30.5, cpuFullShare: 1 }))
  })
  test('a wall that stood less than 70 % of the time, or is gone by now', () => {
    f(cpu({ memoryFullShare: 0.69 }))
    f(cpu({ memoryAllocatedBytes: 110 * GIB }))
    expect(cpu({ memoryFullShare: 0.7 }).kind).toBe('finding')
  })
  test('less than a core or a GiB, or less than 5 %', () => {
    f(cpu({ cpuCores: 8, cpuAllocatedCores: 7.1 }, { medianCpuCores: 0.5 }))
    f(cpu({ cpuCores: 128, cpuAllocatedCores: 122 }))
    expect(cpu({ cpuCores: 128, cpuAllocatedCores: 121 }).kind).toBe('finding')
    f(memory({ memoryBytes: 8 * GIB, memoryAllocatedBytes: 7.1 * GIB }))
  })
})

describe('not judged', () => {
  const f = (judgement: Judgement, reason: RegExp) =>
    expect(judgement).toEqual({ kind: 'not-judged', reason: expect.stringMatching(reason) })
  test('too short a history', () => {
    f(cpu({ historySeconds: 3_599.9 }), /^3599 s of history, 3600 s are needed$/)
    f(memory({ historySeconds: 0 }), /^0 s of history/)
    expect(cpu({ historySeconds: 3_600 }).kind).toBe('finding')
  })
  test('too many samples are missing', () => {
    f(cpu({ coverage: 0.5 }), /^50 % of the samples are there, 70 % are needed$/)
  })
  test('too few containers with limits, or no median', () => {
    f(cpu({}, { containers: 2 }), /^2 containers with a CPU and a memory limit, 3 are needed/)
    f(judgeMachine(machine, without(mix, 'medianCpuCores')).get('strand.cpu')!, /are needed/)
  })
  test('unknown capacity', () => {
    f(
      judgeMachine(without(machine, 'cpuCores'), mix).get('strand.mem')!,
      /^the capacity of the machine is not known$/,
    )
  })
})

describe('what is taken at most tells who need not be looked at', () => {
  const amount = fc.integer({ min: 0, max: 40 })
  test('whoever is left out has no finding', () => {
    fc.assert(
      fc.property(
        fc.record({ cpuCores: amount, cores: amount, memory: amount, bytes: amount }),
        fc.record({ cpuFullShare: fc.constantFrom(0, 1), memoryFullShare: fc.constantFrom(0, 1) }),
        fc.record({ medianCpuCores: amount, medianMemoryBytes: amount }),
        ({ cpuCores, cores, memory, bytes }, shares, medians) => {
          const asked = { ...mix, ...medians }
          const figures = { firstMs: 0, lastMs: 3_600_000, cpuCores, memoryBytes: memory * GIB }
          const taken = { cores, bytes: bytes * GIB }
          fc.pre(
            !mayStrand(figures, taken, {
              ...asked,
              medianMemoryBytes: asked.medianMemoryBytes * GIB,
            }),
          )
          const profile: MachineProfile = {
            ...machine,
            ...shares,
            cpuCores,
            memoryBytes: memory * GIB,
            cpuAllocatedCores: cores,
            memoryAllocatedBytes: bytes * GIB,
          }
          const judged = judgeMachine(profile, {
            ...asked,
            medianMemoryBytes: asked.medianMemoryBytes * GIB,
          })
          for (const judgement of judged.values()) expect(judgement.kind).toBe('fine')
        },
      ),
    )
  })
  const f = (firstMs: number, cpuCores: number | null, cores: number) =>
    mayStrand(
      { firstMs, lastMs: 3_600_000, cpuCores, memoryBytes: 100 * GIB },
      { cores, bytes: 0 },
      mix,
    )
  test('one that is full by its limits', () => {
    expect(f(0, 32, 30)).toBe(false)
    expect(f(0, 32, 30.5)).toBe(true)
  })
  test('none of a short history, and none whose size is not known', () => {
    expect(f(1, 32, 32)).toBe(false)
    expect(f(0, null, 32)).toBe(false)
  })
})
