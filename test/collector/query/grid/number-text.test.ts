import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatNumber, formatShort } from '../../../../collector/query/grid/number-text.ts'

test('all digits', () => {
  const f = (value: number, text: string) => expect(formatNumber(value)).toBe(text)
  f(0, '0')
  f(-0, '-0')
  f(1.5, '1.5')
  f(1e21, '1000000000000000000000')
  f(-1.25e23, '-125000000000000000000000')
  f(1e-7, '0.0000001')
  f(-1.5e-10, '-0.00000000015')
  f(Infinity, '+Inf')
  f(-Infinity, '-Inf')
  f(Number.NaN, 'NaN')
})

test('as %g', () => {
  const f = (value: number, text: string) => expect(formatShort(value)).toBe(text)
  f(1.5, '1.5')
  f(0, '0')
  f(0.0001, '0.0001')
  f(0.00001, '1e-05')
  f(1e20, '100000000000000000000')
  f(1.5e21, '1.5e+21')
  f(-1e300, '-1e+300')
  f(-Infinity, '-Inf')
})

test('reads back as the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatNumber(value))).toBe(value)
      expect(formatNumber(value)).not.toContain('e')
      expect(Number(formatShort(value))).toBe(value)
    }),
  )
})
