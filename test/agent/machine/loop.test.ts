import { expect, test } from 'vitest'
import { loop } from '../../../agent/machine/loop.ts'
import { fixture } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('a device and its file', () => {
  expect(shown(readRows(loop, fixture('v2-kubernetes-6.8')))).toEqual({
    'loop3 /var/lib/snapd/snaps/core20_2379.snap': { info: 1, size_bytes: 131192 * 512 },
  })
})

test('a device without a file is not in use', () => {
  expect(isOff(openReader(loop, fixture('hybrid-firecracker-6.18'))(0))).toBe(true)
})
