import { expect, test } from 'vitest'
import {
  adaptsHeaps,
  defaultHeapLimit,
  serverGc,
  setHeapLimit,
} from '../../../judge/ergonomics/dotnet.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { GIB } from '../rules/cpu-profiles.ts'
import { dotnet } from '../rules/other-profiles.ts'
import { without } from '../without.ts'

test('variables are hexadecimal, properties decimal', () => {
  const f = (change: Partial<RuntimeProfile>, want: number | undefined) =>
    expect(setHeapLimit({ ...dotnet, ...change }, GIB)?.value).toBe(want)
  f({ environment: { DOTNET_GCHeapHardLimit: '0xC800000' } }, 200 << 20)
  f({ environment: { COMPlus_GCHeapHardLimit: 'C800000' } }, 200 << 20)
  f({ build: { 'System.GC.HeapHardLimit': '209715200' } }, 200 << 20)
  f({ environment: { DOTNET_GCHeapHardLimitPercent: '32' } }, GIB / 2)
  f({ build: { 'System.GC.HeapHardLimitPercent': '50' } }, GIB / 2)
  f({ environment: { DOTNET_GCHeapHardLimitPercent: 'half' } }, undefined)
  f({ environment: { DOTNET_GCHeapHardLimit: '0' } }, undefined)
  f({}, undefined)
})

test('by default three quarters, and 20 MB at least', () => {
  expect(defaultHeapLimit(GIB)).toBe(0.75 * GIB)
  expect(defaultHeapLimit(16 << 20)).toBe(20_000_000)
})

test('Server GC and heaps that adapt', () => {
  const of = (change: Partial<RuntimeProfile>): RuntimeProfile => ({ ...dotnet, ...change })
  expect(serverGc(of({ environment: { DOTNET_gcServer: '1' } }))).toBe(true)
  expect(serverGc(of({ build: { 'System.GC.Server': 'false' } }))).toBe(false)
  expect(serverGc(dotnet)).toBeUndefined()
  expect(adaptsHeaps(dotnet)).toBe(false)
  expect(adaptsHeaps(of({ version: '9.0.0' }))).toBe(true)
  expect(adaptsHeaps(without(dotnet, 'version'))).toBeUndefined()
})
