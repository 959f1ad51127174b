import { describe, expect, test } from 'vitest'
import { dmi } from '../../../agent/machine/dmi.ts'
import { lsm } from '../../../agent/machine/lsm.ts'
import { nvme } from '../../../agent/machine/nvme.ts'
import type { MachineReader } from '../../../agent/machine/reader.ts'
import { watchdog } from '../../../agent/machine/watchdog.ts'
import { fixture, folder } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

const HARDWARE = fixture('hardware-made')

test('DMI, by its labels', () => {
  const [row] = readRows(dmi, HARDWARE)
  const labels = row!.table.keys.map(({ label }, i) => [label, row!.keys[i]])
  expect(Object.fromEntries(labels)).toMatchObject({
    bios_version: '2.2.4',
    board_asset_tag: '',
    product_uuid: '83340ca8-cb49-4474-8c29-d2088ca84dd9',
    system_vendor: 'Dell Inc.',
  })
  expect(labels).toHaveLength(20)
})

test('NVMe, without the blanks that pad its names', () => {
  expect(readRows(nvme, HARDWARE).map(({ keys }) => keys)).toEqual([
    ['nvme0', '1B2QEXP7', 'Samsung SSD 970 PRO 512GB', 'S680HF8N190894I', 'live'],
  ])
})

test('security modules', () => {
  expect(readRows(lsm, HARDWARE).map(({ keys }) => keys[0])).toEqual([
    'lockdown',
    'capability',
    'yama',
    'selinux',
  ])
})

test('watchdogs', () => {
  expect(shown(readRows(watchdog, HARDWARE))).toMatchObject({
    watchdog0: {
      bootstatus: 1,
      fw_version: 2,
      nowayout: 0,
      timeleft: 300,
      timeout: 60,
      pretimeout: 120,
      access_cs0: 0,
    },
    'watchdog0 0x8380 Software Watchdog active 0x8000 noop': { info: 1 },
  })
})

describe('off where there is nothing', () => {
  const f = (reader: MachineReader) => expect(isOff(openReader(reader, folder())(0))).toBe(true)
  test('dmi', () => f(dmi))
  test('nvme', () => f(nvme))
  test('lsm', () => f(lsm))
  test('watchdog', () => f(watchdog))
})
