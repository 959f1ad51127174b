import fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, editDistance, nearest } from '../../settings/suggest.ts'

test('the nearest known word, and none when nothing is near', () => {
  expect(nearest('intervall', ['interval', 'store.path'])).toBe('interval')
  expect(nearest('pth', ['store.path'])).toBeUndefined()
  expect(nearest('collector.zfs', ['collector.nfs', 'collector.xfs'])).toBe('collector.nfs')
  expect(nearest('no-collector.wifi', ['no-collector.cpu', 'no-collector.md'])).toBeUndefined()
  expect(didYouMean('tenat', ['tenant'])).toBe(', did you mean "tenant"?')
  expect(editDistance('ab', 'ba')).toBe(1)
})

test('distance is symmetric, 0 only for equal words', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b) === 0).toBe(a === b)
    }),
  )
})
