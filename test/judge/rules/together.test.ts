import { expect, test } from 'vitest'
import type { Neighbour, RuntimeProfile } from '../../../judge/profile.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { heldByOthers, jvmsOf, mayBeTool, stayingOf } from '../../../judge/rules/together.ts'
import { MIB, well } from './cpu-profiles.ts'

const other = (pid: string, change: Partial<Neighbour> = {}): Neighbour => ({
  pid,
  runtime: 'jvm',
  name: `pid ${pid}`,
  ageSeconds: 3600,
  rssAnonBytes: 40 * MIB,
  ...change,
})
const beside = (...neighbours: readonly Neighbour[]): RuntimeProfile => ({
  ...well,
  jvmsInCgroup: 1 + neighbours.filter(({ runtime }) => runtime === 'jvm').length,
  neighbours,
})
const young = { ageSeconds: 59 }

test('who stays, and how many JVMs', () => {
  const f = (jvm: RuntimeProfile, pids: readonly string[], jvms: number) => {
    expect(stayingOf(jvm).map(({ pid }) => pid)).toEqual(pids)
    expect(jvmsOf(jvm)).toBe(jvms)
  }
  f(well, [], 1)
  f(beside(other('7'), other('8', { runtime: 'go' })), ['7', '8'], 2)
  f(beside(other('7', young), other('8', { runtime: 'go', ...young })), [], 1)
  f({ ...beside(other('7', young)), ...young }, ['7'], 2)
  const { ageSeconds: _, ...ageless } = other('7')
  f(beside(ageless), ['7'], 2)
  // One that nobody saw counts all the same.
  f({ ...well, jvmsInCgroup: 3 }, [], 3)
})

test('what others hold, JVMs left out', () => {
  const envoy = other('8', { runtime: 'envoy', rssAnonBytes: 100 * MIB })
  expect(heldByOthers(well)).toBe(0)
  expect(heldByOthers(beside(other('7'), envoy))).toBe(100 * MIB)
  expect(heldByOthers(beside({ ...envoy, ...young }))).toBe(0)
  const { rssAnonBytes: _, ...unknown } = envoy
  expect(heldByOthers(beside(unknown))).toBeUndefined()
})

test('one that came after the others is not judged: a probe believes in a quarter of the limit too', () => {
  const probe = { ...beside(other('7', { believedMemoryBytes: 1900 * MIB })), ageSeconds: 5 }
  const kinds = (jvm: RuntimeProfile) => new Set([...judgeRuntime(jvm).values()].map((j) => j.kind))
  expect(mayBeTool(probe)).toBe(true)
  expect(kinds(probe)).toEqual(new Set(['not-judged']))
  expect(mayBeTool({ ...probe, ageSeconds: 60 })).toBe(false)
  // Alone, or together with the others, it is what the cgroup is for.
  expect(mayBeTool({ ...well, ...young })).toBe(false)
  expect(mayBeTool({ ...beside(other('7', young)), ...young })).toBe(false)
  expect(kinds({ ...well, heapMaxBytes: 4096 * MIB, ...young })).toContain('finding')
})
