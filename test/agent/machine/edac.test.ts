import { expect, test } from 'vitest'
import { edac } from '../../../agent/machine/edac.ts'
import { fixture, folder } from '../fixture.ts'
import { isOff, openReader, readRows } from './open.ts'

test('controllers, rows and channels', () => {
  const rows = readRows(edac, fixture('hardware-made'))
  expect(rows.map(({ table, keys, values }) => [table.name, ...keys, ...values])).toEqual([
    ['machine_edac', '0', 4, 1],
    ['machine_edac_csrow', '0', 'unknown', 2, 5],
    ['machine_edac_csrow', '0', '0', 3, 4],
    ['machine_edac_channel', '0', '0', '0', 'CPU_SrcID#0_MC#0_Chan#0_DIMM#0', 2, 3],
    ['machine_edac_channel', '0', '0', '1', 'CPU_SrcID#0_MC#0_Chan#1_DIMM#0', 1, 1],
  ])
})

test('off without a driver', () => expect(isOff(openReader(edac, folder())(0))).toBe(true))
