import { expect, test } from 'vitest'
import { fibrechannel } from '../../../agent/machine/fibrechannel.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { copy, fixture, folder, present, write } from '../fixture.ts'
import { openReader, readRows, rowsOf } from './open.ts'

test('counters and words of a port; what it does not count is absent', () => {
  const [port, info] = readRows(fibrechannel, fixture('v2-kubernetes-6.8'))
  expect(present(port!)).toMatchObject({ error_frames: 10, seconds_since_last_reset: 7654 })
  expect(present(port!)).not.toHaveProperty('dumped_frames')
  expect(info!.keys).toEqual([
    'host0',
    '16 Gbit',
    'Online',
    'Point-To-Point (direct nport connection)',
    '000002',
    '1000e0071bce95f2',
    '0',
    'Emulex SN1100E2P',
    'Class 3',
    '4 Gbit, 8 Gbit, 16 Gbit',
    '30',
  ])
})

test('a port that goes offline has another row of words', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(fibrechannel, root)
  pass(0)
  write(root, { 'sys/class/fc_host/host0/port_state': 'Linkdown\n' })
  const [, info, ...more] = rowsOf(pass(10_000))
  expect(info!.keys[2]).toBe('Linkdown')
  expect(more).toEqual([])
})

test('a counter that is no number is malformed', () => {
  const root = copy('v2-kubernetes-6.8')
  write(root, { 'sys/class/fc_host/host0/statistics/rx_frames': 'many\n' })
  expect(() => readRows(fibrechannel, root)).toThrow(MalformedFile)
})

test('without adapters the reader is off', () => {
  expect(openReader(fibrechannel, folder())(0)).toHaveProperty('reason')
})
