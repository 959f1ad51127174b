import { describe, expect, test } from 'vitest'
import { runtimeSupport, supportAsOf } from '../../catalog/runtime-support.ts'
import { byVersion, supportEnded } from '../../judge/support.ts'
import type { RuntimeKind } from '../../judge/profile.ts'

const now = Date.parse('2025-11-30')

describe('support', () => {
  const f = (runtime: RuntimeKind, version: string | undefined, line: string | undefined) =>
    expect(supportEnded(runtime, version, now)?.line).toBe(line)
  test('a JDK without long-term support', () => f('jvm', '23.0.2', '23'))
  test('one with it is not judged', () => f('jvm', '17.0.13', undefined))
  test('nor is the oldest', () => f('jvm', '1.8.0_412', undefined))
  test('nor one of its early builds', () => f('jvm', '11-ea', undefined))
  test('Go', () => f('go', 'go1.22.3', '1.22'))
  test('Go as it is', () => f('go', 'go1.25.1', undefined))
  test('Go of old', () => f('go', 'go1.9.7', '1.9'))
  test('Node.js', () => f('nodejs', '18.19.0', '18'))
  test('Node.js with a v', () => f('nodejs', 'v8.17.0', '8'))
  test('Node.js to come', () => f('nodejs', '26.0.0', undefined))
  test('.NET', () => f('dotnet', '7.0.20', '7.0'))
  test('.NET that is kept', () => f('dotnet', '8.0.1', undefined))
  test('Python', () => f('python', '3.9.2', '3.9'))
  test('Python 2', () => f('python', '2.7', '2.7'))
  test('Python 3.10 is not older than 3.7', () => f('python', '3.10.1', undefined))
  test('Erlang/OTP', () => f('beam', '25', '25'))
  test('a runtime without a table', () => f('nginx', '1.0.0', undefined))
  test('a version that is none', () => f('python', 'constructor', undefined))
  test('no version', () => f('python', undefined, undefined))
})

test('the last day is still one', () => {
  const f = (time: string) => supportEnded('python', '3.10.1', Date.parse(time))
  expect(f('2026-10-31T23:59:59Z')).toBeUndefined()
  expect(f('2026-11-01T00:00:00Z')).toEqual({ line: '3.10', end: '2026-10-31' })
})

test.each(Object.entries(runtimeSupport))('%s: days and lines are well-formed', (_, table) => {
  for (const [line, end] of Object.entries(table.ends)) {
    expect(table.line.exec(`${line}.0`)?.[1]).toBe(line)
    expect(new Date(end).toISOString().slice(0, 10)).toBe(end)
  }
  expect(Object.keys(table.ends)).toEqual(Object.keys(table.ends).toSorted(byVersion))
  expect(new Date(supportAsOf).toISOString().slice(0, 10)).toBe(supportAsOf)
})
