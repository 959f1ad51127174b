import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ruleName, zoneAt } from '../../../agent/machine/time-zone.ts'

const WINTER_MS = Date.UTC(2026, 0, 15)

describe('offset and abbreviation as tzdata has them', () => {
  const f = (name: string, offsetSeconds: number, abbreviation: string) =>
    expect(zoneAt(name, WINTER_MS)).toEqual({ offsetSeconds, abbreviation })
  test('UTC', () => f('Etc/UTC', 0, 'UTC'))
  test('Europe', () => f('Europe/Berlin', 3600, 'CET'))
  test('America', () => f('America/New_York', -18_000, 'EST'))
  test('Australia', () => f('Australia/Sydney', 39_600, 'AEDT'))
  test('half an hour', () => f('Asia/Kolkata', 19_800, 'IST'))
  test('a zone whose name is its offset', () => f('America/Sao_Paulo', -10_800, '-03'))
  test('with minutes', () => f('Asia/Kathmandu', 20_700, '+0545'))
})

describe('the name that the rule has', () => {
  const f = (rule: string, offsetSeconds: number, want: string | undefined) =>
    expect(ruleName(`TZif2…\n${rule}\n`, offsetSeconds)).toBe(want)
  test('always', () => f('JST-9', 32_400, 'JST'))
  test('in winter', () => f('CET-1CEST,M3.5.0,M10.5.0/3', 3600, 'CET'))
  test('in summer', () => f('CET-1CEST,M3.5.0,M10.5.0/3', 7200, 'CEST'))
  test('west', () => f('<-03>3', -10_800, '-03'))
  test('with minutes', () => f('<+0545>-5:45', 20_700, '+0545'))
  test('at Greenwich', () => f('UTC0', 0, 'UTC'))
  test('of no zone', () => f('', 0, undefined))
})

test('no zone', () => expect(zoneAt('Middle/Earth', WINTER_MS)).toBeUndefined())

test('any name is a zone or none', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const { offsetSeconds = 0 } = zoneAt(name, WINTER_MS, name) ?? {}
      expect(Math.abs(offsetSeconds)).toBeLessThanOrEqual(50_400)
    }),
  )
})
