import { expect, test } from 'vitest'
import { bonding } from '../../../agent/machine/bonding.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { openReader, readRows, rowsOf, shown } from './open.ts'

test('a bond with one link of two, on a kernel of 2013', () => {
  expect(shown(readRows(bonding, fixture('v1-centos7-3.10')))).toEqual({
    bond0: { slaves: 2, active: 1 },
  })
})

test('newer kernels name the directories otherwise', () => {
  const root = folder()
  write(root, {
    'sys/class/net/bonding_masters': 'bond0 bond1\n',
    'sys/class/net/bond0/bonding/slaves': 'eth0 eth1\n',
    'sys/class/net/bond0/lower_eth0/bonding_slave/mii_status': 'up\n',
    'sys/class/net/bond0/lower_eth1/bonding_slave/mii_status': 'up\n',
    'sys/class/net/bond1/bonding/slaves': '\n',
  })
  expect(shown(readRows(bonding, root))).toEqual({
    bond0: { slaves: 2, active: 2 },
    bond1: { slaves: 0, active: 0 },
  })
})

test('a link that is lost is seen in the next pass, a bond that goes has no row', () => {
  const root = copy('v1-centos7-3.10')
  const pass = openReader(bonding, root)
  pass(0)
  write(root, { 'sys/class/net/bond0/slave_em1/bonding_slave/mii_status': 'down\n' })
  expect(shown(rowsOf(pass(10_000)))).toEqual({ bond0: { slaves: 2, active: 0 } })
  write(root, { 'sys/class/net/bonding_masters': '\n' })
  expect(rowsOf(pass(20_000))).toEqual([])
})

test('without the module the reader is off, until it is loaded', () => {
  const root = folder()
  const pass = openReader(bonding, root)
  expect(pass(0)).toMatchObject({
    reason: expect.stringContaining('no network devices are bonded'),
  })
  write(root, { 'sys/class/net/bonding_masters': '\n' })
  expect(rowsOf(pass(60_000))).toEqual([])
})
