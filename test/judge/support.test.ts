import { describe, expect, test } from 'vitest'
import {
  jdkVendors,
  runtimeSupport,
  SUPPORT_STALE_DAYS,
  supportAsOf,
} from '../../catalog/runtime-support.ts'
import { byVersion, supportEnded, supportIsStale } from '../../judge/support.ts'
import type { RuntimeKind } from '../../judge/profile.ts'

const now = Date.parse('2026-11-21')

describe('support', () => {
  const f = (runtime: RuntimeKind, version: string | undefined, line: string | undefined) =>
    expect(supportEnded({ runtime, ...(version !== undefined && { version }) }, now)?.line).toBe(
      line,
    )
  test('a JDK without long-term support', () => f('jvm', '23.0.2', '23'))
  test('one with it is not judged', () => f('jvm', '17.0.13', undefined))
  test('nor is the oldest', () => f('jvm', '1.8.0_412', undefined))
  test('nor one of its early builds', () => f('jvm', '11-ea', undefined))
  test('Go', () => f('go', 'go1.22.3', '1.22'))
  test('the third newest Go', () => f('go', 'go1.25.1', '1.25'))
  test('Go as it is', () => f('go', 'go1.26.4', undefined))
  test('Go to come', () => f('go', 'go1.28.0', undefined))
  test('Go of old', () => f('go', 'go1.9.7', '1.9'))
  test('Node.js', () => f('nodejs', '18.19.0', '18'))
  test('Node.js with a v', () => f('nodejs', 'v8.17.0', '8'))
  test('Node.js to come', () => f('nodejs', '26.0.0', undefined))
  test('.NET', () => f('dotnet', '7.0.20', '7.0'))
  test('.NET that has just ended', () => f('dotnet', '8.0.1', '8.0'))
  test('.NET that is kept', () => f('dotnet', '10.0.3', undefined))
  test('Python', () => f('python', '3.9.2', '3.9'))
  test('Python 2', () => f('python', '2.7', '2.7'))
  test('Python 3.10 is not older than 3.7', () => f('python', '3.11.1', undefined))
  test('Erlang/OTP', () => f('beam', '26', '26'))
  test('Envoy', () => f('envoy', '1.36.7', '1.36'))
  test('PostgreSQL', () => f('postgresql', '14.23', '14'))
  test('PostgreSQL of two numbers', () => f('postgresql', '9.6.24', '9'))
  test('PostgreSQL that is kept', () => f('postgresql', '15', undefined))
  test('PHP', () => f('php-fpm', '8.1.33', '8.1'))
  test('PHP that is kept', () => f('php-fpm', '8.2.30', undefined))
  test('Ruby', () => f('ruby', '3.2.11', '3.2'))
  test('Ruby that is kept', () => f('ruby', '3.3.11', undefined))
  test('a runtime without a table', () => f('nginx', '1.0.0', undefined))
  test('a version that is none', () => f('python', 'constructor', undefined))
  test('no version', () => f('python', undefined, undefined))
})

test('the last day is still one', () => {
  const f = (time: string) =>
    supportEnded({ runtime: 'python', version: '3.10.1' }, Date.parse(time))
  expect(f('2026-10-31T23:59:59Z')).toBeUndefined()
  expect(f('2026-11-01T00:00:00Z')).toEqual({ line: '3.10', end: '2026-10-31' })
})

describe('a JDK with long-term support ends when its vendor ends it', () => {
  const f = (time: string, version: string, description: string, line: string | undefined) =>
    expect(supportEnded({ runtime: 'jvm', version, description }, Date.parse(time))?.line).toBe(
      line,
    )
  const temurin = 'OpenJDK 64-Bit Server VM (Eclipse Adoptium, mixed mode, sharing)'
  const corretto = 'OpenJDK 64-Bit Server VM (Amazon.com Inc., mixed mode, sharing)'
  test('the last day is one', () => f('2027-10-31', '17.0.20', temurin, undefined))
  test('no more fixes of one vendor', () => f('2027-11-01', '17.0.20', temurin, '17'))
  test('and still some of another', () => f('2027-11-01', '17.0.20', corretto, undefined))
  test('the version of Java 8', () => f('2031-01-01', '1.8.0_504', corretto, '8'))
  test('of one without', () => f('2026-11-21', '23.0.2', temurin, '23'))
  test('nobody knows of others', () =>
    f('2040-01-01', '17.0.20', 'OpenJDK 64-Bit Server VM (Debian, mixed mode)', undefined))
})

test('a table that is too old is told, and one of this year is not', () => {
  const asOf = Date.parse(supportAsOf)
  const f = (days: number) => supportIsStale(asOf + days * 86_400_000)
  expect([f(0), f(SUPPORT_STALE_DAYS), f(SUPPORT_STALE_DAYS + 1)]).toEqual([false, false, true])
})

// Whoever builds a release looks at the table: what has ended since is not in it.
test('the table is not older than a year', () => {
  expect(supportIsStale(Date.now()), `known on ${supportAsOf}`).toBe(false)
})

const tables = [
  ...Object.entries(runtimeSupport),
  ...jdkVendors.map((each) => [each.vendor, each] as const),
]

test.each(tables)('%s: days and lines are well-formed', (_, table) => {
  for (const [line, end] of Object.entries(table.ends)) {
    expect(table.line.exec(`${line}.0`)?.[1]).toBe(line)
    expect(new Date(end).toISOString().slice(0, 10)).toBe(end)
  }
  expect(Object.keys(table.ends)).toEqual(Object.keys(table.ends).toSorted(byVersion))
  expect(new Date(supportAsOf).toISOString().slice(0, 10)).toBe(supportAsOf)
})
