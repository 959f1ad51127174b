import { expect, test } from 'vitest'
import { ksmd } from '../../../agent/machine/ksmd.ts'
import { fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('a number a file; ms become seconds', () => {
  expect(shown(readRows(ksmd, fixture('hybrid-firecracker-6.18')))).toEqual({
    '': {
      full_scans: 0,
      general_profit: 0,
      merge_across_nodes: 1,
      pages_shared: 0,
      pages_sharing: 0,
      pages_to_scan: 100,
      pages_unshared: 0,
      pages_volatile: 0,
      run: 0,
      sleep_millisecs: 0.02,
    },
  })
})

test('what an older kernel lacks is absent, and a profit may be a loss', () => {
  const root = folder()
  write(root, { 'sys/kernel/mm/ksm/general_profit': '-4096\n', 'sys/kernel/mm/ksm/run': 'x\n' })
  expect(shown(readRows(ksmd, root))).toEqual({ '': { general_profit: -4096 } })
})

test('off where the kernel has none', () => {
  expect(isOff(openReader(ksmd, folder())(0))).toBe(true)
})
