import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zoneAt } from '../../../agent/machine/time-zone.ts'
import { fixture } from '../fixture.ts'
import { zoneFile } from './zone-file.ts'

const berlin = readFileSync(`${fixture('v1-centos7-3.10')}/usr/share/zoneinfo/Europe/Berlin`)

describe('transitions of a file', () => {
  const f = (time: string, abbreviation: string, offsetSeconds: number, file = berlin) =>
    expect(zoneAt(file, Date.parse(time))).toEqual({ abbreviation, offsetSeconds })
  test('before the first', () => f('1880-01-01', 'LMT', 3208))
  test('in winter', () => f('1990-01-01', 'CET', 3600))
  test('in summer', () => f('1990-07-01', 'CEST', 7200))
  test('two hours ahead of it', () => f('1945-06-01', 'CEMT', 10_800))
  test('the second before one', () => f('2026-03-29T00:59:59Z', 'CET', 3600))
  test('and the second of it', () => f('2026-03-29T01:00:00Z', 'CEST', 7200))
  test('behind the last', () => f('2060-07-01', 'CEST', 7200))
  const first = Buffer.from(berlin)
  first[4] = 0
  test('of the first version of the format', () => f('1990-07-01', 'CEST', 7200, first))
})

describe('the rule', () => {
  const f = (rule: string, time: string, abbreviation: string, offsetSeconds: number) =>
    expect(zoneAt(Buffer.from(zoneFile(rule)), Date.parse(time))).toEqual({
      abbreviation,
      offsetSeconds,
    })
  const [winter, summer] = ['2026-01-15', '2026-07-15'] as const
  test('always', () => f('JST-9', summer, 'JST', 32_400))
  test('at Greenwich', () => f('UTC0', winter, 'UTC', 0))
  test('west', () => f('<-03>3', winter, '-03', -10_800))
  test('with minutes', () => f('<+0545>-5:45', winter, '+0545', 20_700))
  test('in winter', () => f('EST5EDT,M3.2.0,M11.1.0', winter, 'EST', -18_000))
  test('in summer', () => f('EST5EDT,M3.2.0,M11.1.0', summer, 'EDT', -14_400))
  test('before it begins', () =>
    f('EST5EDT,M3.2.0,M11.1.0', '2026-03-08T06:59:59Z', 'EST', -18_000))
  test('when it begins', () => f('EST5EDT,M3.2.0,M11.1.0', '2026-03-08T07:00:00Z', 'EDT', -14_400))
  test('before it ends', () => f('EST5EDT,M3.2.0,M11.1.0', '2026-11-01T05:59:59Z', 'EDT', -14_400))
  test('when it ends', () => f('EST5EDT,M3.2.0,M11.1.0', '2026-11-01T06:00:00Z', 'EST', -18_000))
  const sydney = 'AEST-10AEDT,M10.1.0,M4.1.0/3'
  test('south of the equator, in January', () => f(sydney, winter, 'AEDT', 39_600))
  test('south of the equator, in July', () => f(sydney, summer, 'AEST', 36_000))
  test('a summer of half an hour', () =>
    f('<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', winter, '+11', 39_600))
  test('by days that leave the 29th of February out', () =>
    f('A0B,J60,J61', '2028-03-01T12:00:00Z', 'B', 3600))
  test('by days that count it', () => f('A0B,59,60', '2028-02-29T12:00:00Z', 'B', 3600))
  test('before midnight', () =>
    f('<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '2026-03-29T01:00:00Z', '-01', -3600))
  test('none: what was last', () => f('', summer, 'LMT', 0))
  test('none that is one', () => f('A0B,x,y', summer, 'LMT', 0))
})

describe('no file of a zone', () => {
  const f = (file: Buffer) => expect(zoneAt(file, 0)).toBeUndefined()
  test('empty', () => f(Buffer.alloc(0)))
  test('another', () => f(Buffer.from('GIF89a')))
  test('cut off', () => f(berlin.subarray(0, 100)))
})

test('any file is a zone or none', () => {
  const pieces = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.string().map((rule) => Buffer.from(zoneFile(rule))),
    fc
      .tuple(fc.nat(berlin.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.concat([berlin.subarray(0, at), Buffer.of(byte), berlin])),
  )
  fc.assert(
    fc.property(pieces, fc.date({ noInvalidDate: true }), (file, date) => {
      const { offsetSeconds = 0 } = zoneAt(file, date.getTime()) ?? {}
      expect(offsetSeconds).not.toBeNaN()
    }),
  )
})
