import { describe, expect, test } from 'vitest'
import { parseMounts, type Mount } from '../../../agent/machine/mounts.ts'
import { overlay, upperOf } from '../../../agent/machine/overlay.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('overlays are counted where their upper layers lie', () => {
  expect(shown(readRows(overlay, fixture('v2-kubernetes-6.8')))).toEqual({
    // The folder is not there in the fixture, so nothing can be asked of it.
    '/dev/mapper/vg0-containers /var/lib/containerd xfs': { overlays: 2 },
  })
})

test('with what is left there', () => {
  const root = copy('v2-kubernetes-6.8')
  write(root, { 'var/lib/containerd/x': '' })
  expect(shown(readRows(overlay, root))).toEqual({
    '/dev/mapper/vg0-containers /var/lib/containerd xfs': {
      overlays: 2,
      avail_bytes: expect.any(Number),
      files_free: expect.any(Number),
    },
  })
})

test('off without overlays', () => {
  expect(isOff(openReader(overlay, folder())(0))).toBe(true)
  expect(isOff(openReader(overlay, fixture('hybrid-firecracker-6.18'))(0))).toBe(true)
})

describe('the upper layer', () => {
  const f = (options: string, want: string | undefined, fstype = 'overlay') => {
    const mounts: Mount[] = []
    const line = Buffer.from(`1 0 0:5 / /m rw - ${fstype} overlay ${options}\n`)
    parseMounts(line, line.length, mounts)
    expect(upperOf(mounts[0]!)).toBe(want)
  }
  test('among others', () => f('rw,lowerdir=/l1:/l2,upperdir=/u/fs,workdir=/w', '/u/fs'))
  test('none', () => f('ro,lowerdir=/l1:/l2', undefined))
  test('with a blank', () => f('rw,upperdir=/u\\040x', '/u x'))
  test('of another type', () => f('rw,upperdir=/u', undefined, 'ext4'))
})
