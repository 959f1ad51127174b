import { expect, test } from 'vitest'
import { hugepages } from '../../../agent/machine/hugepages.ts'
import { fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

const pool = (folder: string, figures: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(figures).map(([what, n]) => [`${folder}/${what}_hugepages`, `${n}\n`]),
  )

test('by size, and by node and size', () => {
  const root = folder()
  write(root, {
    ...pool('sys/kernel/mm/hugepages/hugepages-2048kB', {
      nr: 512,
      free: 500,
      resv: 3,
      surplus: 1,
      nr_overcommit: 64,
    }),
    ...pool('sys/devices/system/node/node1/hugepages/hugepages-2048kB', {
      nr: 256,
      free: 255,
      surplus: 0,
    }),
  })
  expect(shown(readRows(hugepages, root))).toEqual({
    '2048kB': { pool: 512, free: 500, reserved: 3, surplus: 1, overcommit: 64 },
    '1 2048kB': { pool: 256, free: 255, surplus: 0 },
  })
})

test('both sizes of a real machine', () => {
  const rows = shown(readRows(hugepages, fixture('hybrid-firecracker-6.18')))
  expect(Object.keys(rows)).toEqual(['1048576kB', '2048kB', '0 1048576kB', '0 2048kB'])
})

test('off where the kernel has none', () => {
  expect(isOff(openReader(hugepages, folder())(0))).toBe(true)
})
