import { expect, test } from 'vitest'
import { CUT } from '../../catalog/entity.ts'
import { withBelieved } from '../../judge/believed.ts'
import type { Believed, RuntimeProfile } from '../../judge/profile.ts'

const jvm: RuntimeProfile = {
  kind: 'runtime',
  runtime: 'jvm',
  entity: { 'process.pid': '7' },
  name: 'pid 7',
  machine: 'web-1',
  version: '21.0.5',
  flags: [],
  affinityCpus: 8,
  machineCpus: 8,
  machineMemoryBytes: 2 ** 34,
  machineCgroups: 'v2',
  cgroup: '/a',
  jvmsInCgroup: 1,
}
const told = (confidence: Believed['confidence']): Believed => ({
  value: 3,
  confidence,
  source: 'told',
})

test('the surer one counts, and of two as sure what was told', () => {
  const flagged = { ...jvm, flags: ['-XX:ActiveProcessorCount=2'] }
  const f = (profile: RuntimeProfile, source: string) =>
    expect(withBelieved(profile).believedCpus?.source).toBe(source)
  f({ ...flagged, believedCpus: told('exact') }, 'told')
  f({ ...flagged, believedCpus: told('strong') }, '-XX:ActiveProcessorCount')
  f(flagged, '-XX:ActiveProcessorCount')
})

test('what was told of a kind that nobody predicts stays as it is', () => {
  const nginx: RuntimeProfile = { ...jvm, runtime: 'nginx', believedCpus: told('inferred') }
  expect(withBelieved(nginx)).toBe(nginx)
})

test('each kind by its own rules', () => {
  const f = (more: Partial<RuntimeProfile>, cpus: number | undefined, memory?: number) => {
    const seen = withBelieved({ ...jvm, environment: {}, arguments: [], ...more })
    expect([seen.believedCpus?.value, seen.believedMemory?.value]).toEqual([cpus, memory])
  }
  f({ runtime: 'go', version: '1.25.1', build: { mod: 'x' }, ownCpuLimitCores: 3 }, 3)
  f({ runtime: 'python', version: '3.12.1' }, 8)
  f({ runtime: 'beam', version: '22' }, 8)
  f({ runtime: 'dotnet' }, undefined)
  f({ runtime: 'dotnet', memoryLimitBytes: 2 ** 30 }, undefined, 0.75 * 2 ** 30)
  f({ runtime: 'dotnet', memoryLimitBytes: 2 ** 36 }, undefined, 0.75 * 2 ** 34)
  const share = { DOTNET_GCHeapHardLimitPercent: '32' }
  f({ runtime: 'dotnet', memoryLimitBytes: 2 ** 30, environment: share }, undefined, 2 ** 29)
  f({ runtime: 'dotnet', memoryLimitBytes: 2 ** 30, environment: { [CUT]: '' } }, undefined)
  const node = ['--max-old-space-size=100']
  f({ runtime: 'nodejs', version: '16.1.0', arguments: node }, undefined, 148 * 2 ** 20)
})

test('a heap that is known is what a JVM believes in', () => {
  const { believedMemory } = withBelieved({ ...jvm, heapMaxBytes: 2 ** 30 })
  expect(believedMemory).toMatchObject({ value: 2 ** 30, confidence: 'strong' })
})
