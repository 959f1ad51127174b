import { expect, test } from 'vitest'
import { balloon, parseBalloon } from '../../../agent/machine/balloon.ts'
import { fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('what the kernel counts', () => {
  const root = folder()
  write(root, {
    'proc/vmstat': 'pgfault 9\nballoon_inflate 70\nballoon_deflate 20\nballoon_migrate 1\n',
  })
  expect(shown(readRows(balloon, root))).toEqual({
    '': { inflated: 70, deflated: 20, migrated: 1 },
  })
})

test('a real kernel with a balloon, and one without', () => {
  const real = shown(readRows(balloon, fixture('hybrid-firecracker-6.18')))['']!
  expect(Object.keys(real)).toContain('inflated')
  expect(isOff(openReader(balloon, folder())(0))).toBe(true)
})

test('any bytes are figures or none', () => {
  recordOrMalformed(['balloon_inflate 1\n', 'nr_balloon_pages 2\n'], (bytes) =>
    parseBalloon(bytes.toString('latin1')),
  )
})
