import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContainerFigures, Fleet, MachineFigures, RuntimeFigures } from '../../judge/fleet.ts'
import { makeProfiles } from '../../judge/profiles.ts'
import type { RequestMix } from '../../judge/profile.ts'
import {
  containerMemory,
  containerNewest,
  figuresBy,
  runtimeNewest,
} from '../../judge/runtime-columns.ts'

const GIB = 2 ** 30
const now = Date.UTC(2026, 10, 1, 12)
const minute = 60_000

const machine: MachineFigures = {
  entity: '1',
  attributes: { 'host.id': 'a', 'host.name': 'web-1' },
  firstMs: now - 60 * minute,
  lastMs: now,
  samples: 361,
  intervalMs: 10_000,
  silenceMs: 45_000,
  minutesMs: Array.from({ length: 61 }, (_, i) => now - i * minute),
  cpuCores: 8,
  memoryBytes: 32 * GIB,
  memoryUsedBytes: 10 * GIB,
  swapBytes: null,
  cpuUsedCores: 2,
}

const container = (path: string, more: Partial<ContainerFigures> = {}): ContainerFigures => ({
  entity: path,
  hostId: 'a',
  path,
  level: 'container',
  memoryLimitCgroup: path,
  firstMs: now - 60 * minute,
  lastMs: now,
  ownCpuCores: null,
  cpuLimitCores: null,
  ownMemoryBytes: null,
  memoryLimitBytes: null,
  newest: figuresBy(containerNewest, () => null),
  memory: figuresBy(containerMemory, () => null),
  ...more,
})
const limited = (
  path: string,
  cores: number,
  bytes: number,
  more: Partial<ContainerFigures> = {},
) =>
  container(path, {
    ownCpuCores: cores,
    cpuLimitCores: cores,
    ownMemoryBytes: bytes,
    memoryLimitBytes: bytes,
    ...more,
  })

const jvm = (pid: number, path: string | undefined): RuntimeFigures => ({
  entity: `jvm ${pid}`,
  attributes: {
    'host.id': 'a',
    'process.pid': String(pid),
    'process.creation.time': '2026-11-01T10:00:00Z',
    'process.runtime.name': 'jvm',
    'candor.jvm.main': 'shop.Main',
    'candor.jvm.flags': '-Xmx1g -Xss1m',
    ...(path === undefined ? {} : { 'candor.cgroup.path': path }),
  },
  lastMs: now,
  newest: { ...figuresBy(runtimeNewest, () => null), heapMaxBytes: GIB },
})

const mix: RequestMix = { containers: 10, medianCpuCores: 1, medianMemoryBytes: GIB }
const make = (fleet: Partial<Fleet>, of: RequestMix = mix) =>
  makeProfiles({ nowMs: now, machines: [machine], containers: [], runtimes: [], ...fleet }, of)
const profileOf = (containers: readonly ContainerFigures[], more: Partial<MachineFigures> = {}) =>
  make({ machines: [{ ...machine, ...more }], containers }).machines[0]!

test('allocation is the sum of the limits of containers', () => {
  const f = (containers: readonly ContainerFigures[], cores: number, gib: number, without = 0) => {
    const profile = profileOf(containers)
    expect([profile.cpuAllocatedCores, profile.memoryAllocatedBytes / GIB]).toEqual([cores, gib])
    expect(profile.containersWithoutLimits).toBe(without)
  }
  f([], 0, 0)
  f([limited('/a', 2, GIB), limited('/b', 1, 2 * GIB)], 3, 3)
  // A group never counts, however limited it is.
  f([limited('/kubepods', 8, 32 * GIB, { level: 'group' }), limited('/kubepods/a', 1, GIB)], 1, 1)
  // What a container gets from a group above it, it shares with others.
  f([container('/kubepods/b', { cpuLimitCores: 8, memoryLimitBytes: 32 * GIB })], 0, 0, 1)
  // The tightest limit counts, also when it is on a group above.
  f([limited('/pod/c', 4, 8 * GIB, { cpuLimitCores: 2, memoryLimitBytes: 4 * GIB })], 2, 4)
  // Docker in Docker lives on the share of the outer container.
  f([limited('/docker/d', 2, 4 * GIB), limited('/docker/d/docker/e', 1, GIB)], 2, 4)
  f([limited('/docker/d', 2, 4 * GIB), container('/docker/d/docker/e')], 2, 4)
  // /docker/dd is not inside /docker/d.
  f([limited('/docker/d', 2, 4 * GIB), limited('/docker/dd', 1, GIB)], 3, 5)
  // Where the outer one has no limit, the inner ones do.
  f([container('/lxc/f'), limited('/lxc/f/docker/g', 1, GIB)], 1, 1, 1)
  // One dimension without a limit is enough to be without limits.
  f([container('/h', { ownMemoryBytes: GIB, memoryLimitBytes: GIB })], 0, 1, 1)
  // Re-created under its old path: the newest counts, the old one is gone.
  f(
    [limited('/i', 2, GIB, { lastMs: now - 20_000 }), limited('/i', 1, GIB, { entity: 'new' })],
    1,
    1,
  )
  // Silent for longer than three intervals: gone.
  f([limited('/j', 2, GIB, { lastMs: now - 46_000 })], 0, 0)
  // Ended, as its agent said: gone at once, unless there are later samples of it.
  f([limited('/l', 2, GIB, { endedMs: now })], 0, 0)
  f([limited('/m', 2, GIB, { endedMs: now - 1 })], 2, 1)
  f([limited('/n', 2, GIB, { endedMs: null })], 2, 1)
  // Another machine's.
  f([limited('/k', 2, GIB, { hostId: 'b' })], 0, 0)
})

test('full share: samples in which less was free than a typical container asks for', () => {
  const f = (containers: readonly ContainerFigures[], cpu: number, memory: number) => {
    const profile = profileOf(containers)
    expect(profile.cpuFullShare).toBeCloseTo(cpu, 1)
    expect(profile.memoryFullShare).toBeCloseTo(memory, 1)
  }
  f([], 0, 0)
  // 7 of 8 cores are taken: one is free and one is asked for, so it still fits.
  f([limited('/a', 7, GIB)], 0, 0)
  f([limited('/a', 7.5, GIB)], 1, 0)
  f([limited('/a', 1, 31.5 * GIB)], 0, 1)
  f([limited('/a', 7.5, GIB, { firstMs: now - 30 * minute })], 0.5, 0)
  // Two jobs, one after the other, fill it all the time.
  f(
    [
      limited('/a', 7.5, GIB, { lastMs: now - 30 * minute }),
      limited('/b', 7.5, GIB, { firstMs: now - 30 * minute }),
    ],
    1,
    0,
  )
})

test('without a mix or a capacity nothing is full', () => {
  const containers = [limited('/a', 8, 32 * GIB)]
  const [noMix] = make({ containers }, { containers: 0 }).machines
  expect([noMix!.cpuFullShare, noMix!.memoryFullShare]).toEqual([0, 0])
  const unread = profileOf(containers, { cpuCores: null, memoryBytes: null })
  expect(unread).not.toHaveProperty('cpuCores')
  expect(unread).not.toHaveProperty('memoryBytes')
  expect([unread.cpuFullShare, unread.memoryFullShare]).toEqual([0, 0])
})

test('history and coverage', () => {
  const f = (more: Partial<MachineFigures>, historySeconds: number, coverage: number) =>
    expect(profileOf([], more)).toMatchObject({ historySeconds, coverage })
  f({}, 3600, 1)
  f({ samples: 181 }, 3600, 181 / 361)
  f({ firstMs: now, samples: 1, intervalMs: 0, minutesMs: [now] }, 0, 1)
})

test('a machine that went silent is gone, with all that is on it', () => {
  const gone = make({
    machines: [{ ...machine, lastMs: now - 46_000 }],
    containers: [limited('/a', 1, GIB)],
    runtimes: [jvm(1, '/a')],
  })
  expect(gone).toEqual({ runtimes: [], machines: [], containers: 0 })
})

test('a JVM is joined to its cgroup on the same machine', () => {
  const { runtimes, containers } = make({
    containers: [
      limited('/a', 2, GIB / 2, { memoryLimitCgroup: '/' }),
      limited('/a', 1, 4 * GIB, { hostId: 'b', entity: 'other' }),
    ],
    runtimes: [jvm(1, '/a'), jvm(2, '/a'), jvm(3, undefined)],
  })
  expect(containers).toBe(1)
  expect(runtimes.map(({ profile }) => profile.jvmsInCgroup)).toEqual([2, 2, 1])
  expect(runtimes[0]).toEqual({
    workload: 'shop.Main',
    profile: {
      kind: 'runtime',
      runtime: 'jvm',
      entity: {
        'host.id': 'a',
        'process.pid': '1',
        'process.creation.time': '2026-11-01T10:00:00Z',
      },
      name: 'pid 1 (shop.Main)',
      machine: 'web-1',
      ageSeconds: 7200,
      believedCpus: { value: 2, confidence: 'inferred', source: 'what its version sees of limits' },
      believedMemory: {
        value: GIB,
        confidence: 'strong',
        source: 'hsperfdata sun.gc.generation.*.maxCapacity',
      },
      main: 'shop.Main',
      heapMaxBytes: GIB,
      flags: ['-Xmx1g', '-Xss1m'],
      memoryLimitBytes: GIB / 2,
      memoryLimitCgroup: '/',
      ownMemoryLimitBytes: GIB / 2,
      cgroup: '/a',
      cgroupMemory: {},
      cpuLimitCores: 2,
      ownCpuLimitCores: 2,
      machineMemoryBytes: 32 * GIB,
      machineCpus: 8,
      jvmsInCgroup: 2,
      neighbours: [
        {
          pid: '2',
          runtime: 'jvm',
          name: 'pid 2 (shop.Main)',
          believedMemoryBytes: GIB,
          ageSeconds: 7200,
        },
      ],
    },
  })
  expect(runtimes[2]!.profile).not.toHaveProperty('memoryLimitBytes')
})

test('what a neighbour takes by default counts, and is told to be so', () => {
  const other = (pid: number, kind: string, more: Record<string, string> = {}): RuntimeFigures => {
    const { entity, attributes, ...figures } = jvm(pid, '/a')
    const { 'candor.jvm.flags': _, 'candor.jvm.main': __, ...rest } = attributes
    return {
      ...figures,
      entity: `${entity} ${kind}`,
      newest: figuresBy(runtimeNewest, () => null),
      attributes: {
        ...rest,
        'process.runtime.name': kind,
        'candor.runtime.environment': '',
        'candor.runtime.arguments': '',
        ...more,
      },
    }
  }
  const { runtimes } = make({
    containers: [limited('/a', 2, 4 * GIB)],
    runtimes: [
      jvm(1, '/a'),
      other(2, 'nodejs', { 'process.runtime.version': '24.1.0' }),
      other(3, 'dotnet'),
      other(4, 'dotnet', { 'candor.runtime.environment': 'DOTNET_GCHeapHardLimit=0x40000000' }),
      other(5, 'go'),
    ],
  })
  const believed = runtimes[0]!.profile.neighbours!.map((each) => [
    each.runtime,
    each.believedMemoryBytes === undefined ? undefined : each.believedMemoryBytes / GIB,
    each.byDefault,
  ])
  expect(believed).toEqual([
    ['nodejs', 2 + 3 / 16, true],
    ['dotnet', 3, true],
    ['dotnet', 1, undefined],
    ['go', undefined, undefined],
  ])
})

test('a process that has the pid of one before it is the only one of that pid', () => {
  const before = jvm(1, '/a')
  const { attributes } = before
  const after = {
    ...before,
    entity: 'again',
    attributes: { ...attributes, 'process.creation.time': '2026-11-01T11:59:50Z' },
  }
  for (const both of [
    [before, after],
    [after, before],
  ]) {
    const { runtimes } = make({ containers: [limited('/a', 2, GIB)], runtimes: both })
    expect(runtimes.map(({ profile }) => profile.ageSeconds)).toEqual([10])
    expect(runtimes[0]!.profile.jvmsInCgroup).toBe(1)
  }
})

test('a JVM whose cgroup was not read has unknown limits, not none', () => {
  const [seen] = make({ runtimes: [jvm(1, '/a')] }).runtimes
  expect(seen!.unread).toBe('the limits of its cgroup were not read')
})

test('a JVM of an unknown cgroup is not judged; in the root cgroup nothing limits it', () => {
  const [unknown, root, empty] = make({
    runtimes: [jvm(1, undefined), jvm(2, '/'), jvm(3, '')],
  }).runtimes
  expect(unknown!.unread).toBe('its cgroup is not known')
  expect(empty!.unread).toBe('its cgroup is not known')
  expect(root).not.toHaveProperty('unread')
  expect(root!.profile).not.toHaveProperty('memoryLimitBytes')
})

const paths = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`)

test('whatever the nesting, a share is 0 to 1 and no core is counted twice', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          path: paths,
          cores: fc.option(fc.integer({ min: 1, max: 4 })),
          level: fc.constantFrom('container', 'group'),
          age: fc.integer({ min: 0, max: 60 }),
        }),
        { selector: ({ path }) => path },
      ),
      (cgroups) => {
        const profile = profileOf(
          cgroups.map(({ path, cores, level, age }) =>
            container(path, {
              level,
              ownCpuCores: cores,
              cpuLimitCores: cores,
              firstMs: now - age * minute,
            }),
          ),
        )
        const units = cgroups.filter(({ level }) => level === 'container')
        const all = units.reduce((total, { cores }) => total + (cores ?? 0), 0)
        const outermost = units.filter(
          ({ path, cores }) =>
            cores !== null &&
            !units.some((other) => other.cores !== null && path.startsWith(`${other.path}/`)),
        )
        expect(profile.cpuAllocatedCores).toBe(
          outermost.reduce((total, { cores }) => total + cores!, 0),
        )
        expect(profile.cpuAllocatedCores).toBeLessThanOrEqual(all)
        expect(profile.cpuFullShare).toBeGreaterThanOrEqual(0)
        expect(profile.cpuFullShare).toBeLessThanOrEqual(1)
      },
    ),
  )
})
