import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  Parameters,
  parseDurationMs,
  parseTimeMs,
} from '../../../../collector/web/prometheus/parameters.ts'

const time = (text: string, want: number | undefined) => {
  test(`time ${JSON.stringify(text)}`, () => expect(parseTimeMs(text)).toBe(want))
}
time('0', 0)
time('1435781451.781', 1_435_781_451_781)
time('1435781451.7814', 1_435_781_451_781)
time('1.4e9', 1_400_000_000_000)
time('-62135596800', -62_135_596_800_000)
time('2015-07-01T20:10:51.781Z', 1_435_781_451_781)
time('2015-07-01t22:10:51.781+02:00', 1_435_781_451_781)
time('2015-07-01T20:10:51.781999999Z', 1_435_781_451_781)
time('2015-07-01', undefined)
time('yesterday', undefined)
time('NaN', undefined)
time('1e400', undefined)
time('0x10', undefined)
time(' 1', undefined)
time('2015-13-01T00:00:00Z', undefined)

const duration = (text: string, want: number | undefined) => {
  test(`duration ${JSON.stringify(text)}`, () => expect(parseDurationMs(text)).toBe(want))
}
duration('15', 15_000)
duration('0.5', 500)
duration('15s', 15_000)
duration('1h30m', 5_400_000)
duration('1y', 31_536_000_000)
duration('250ms', 250)
duration('1.5h', undefined)
duration('h', undefined)
duration('1 h', undefined)
duration('9'.repeat(65), undefined)

test('a form comes before the address, empty is absent, and a name may be repeated', () => {
  const parameters = new Parameters(
    new URLSearchParams('query=up&match[]=a&step='),
    new URLSearchParams('query=down&match=b&step=15'),
  )
  expect(parameters.text('query')).toBe('up')
  expect(parameters.text('step')).toBeUndefined()
  expect(parameters.all('match')).toEqual(['b', 'a'])
  expect(() => parameters.required('start')).toThrow('invalid parameter "start": it is missing')
})

test.each([
  ['timeMs', 'cannot parse "soon" to a valid timestamp'],
  ['durationMs', 'cannot parse "soon" to a valid duration'],
  ['limit', 'limit must be a non-negative number'],
] as const)('what is no %s is told by its name', (kind, message) => {
  const parameters = new Parameters(new URLSearchParams('at=soon'))
  expect(() => parameters[kind]('at')).toThrow(`invalid parameter "at": ${message}`)
})

test('a limit of 0 is none', () => {
  const parameters = new Parameters(new URLSearchParams('a=0&b=7'))
  expect([parameters.limit('a'), parameters.limit('b')]).toEqual([undefined, 7])
})

test('any text is a time or none, and any time of a date is itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ms = parseTimeMs(text)
      expect(ms === undefined || Number.isSafeInteger(ms)).toBe(true)
      const length = parseDurationMs(text)
      expect(length === undefined || Number.isSafeInteger(length)).toBe(true)
    }),
  )
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), (date) => {
      expect(parseTimeMs(date.toISOString())).toBe(date.getTime())
      expect(parseTimeMs(String(date.getTime() / 1_000))).toBe(date.getTime())
    }),
  )
})
