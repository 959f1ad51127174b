import { describe, expect, test } from 'vitest'
import { infiniband, parseRate, parseState } from '../../../agent/machine/infiniband.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { openReader, readRows, shown } from './open.ts'

test('ports and adapters; what an adapter does not count is absent', () => {
  expect(shown(readRows(infiniband, fixture('v2-kubernetes-6.8')))).toEqual({
    'mlx4_0 1': {
      state_id: 4,
      physical_state_id: 5,
      rate_bytes_per_second: 5_000_000_000,
      port_data_received_bytes: 6000,
      port_transmit_wait: 7,
      legacy_data_transmitted_bytes: 100,
    },
    'hfi1_0 1': {
      state_id: 1,
      physical_state_id: 3,
      rate_bytes_per_second: 312_500_000,
      link_downed: 3,
    },
    'mlx4_0 MT_1090120019 2.42.5000 MT4099': { info: 1 },
    'hfi1_0 Intel OPA 1.52 100': { info: 1 },
  })
})

test('an adapter without any counters, such as of irdma', () => {
  const root = folder()
  const port = 'sys/class/infiniband/irdma0/ports/1'
  write(root, { [`${port}/state`]: '4: ACTIVE\n' })
  expect(shown(readRows(infiniband, root))).toEqual({
    'irdma0 1': { state_id: 4 },
    'irdma0   ': { info: 1 },
  })
})

test('without adapters the reader is off', () => {
  expect(openReader(infiniband, folder())(0)).toHaveProperty('reason')
})

describe('malformed', () => {
  test('a state', () => expect(() => parseState('ACTIVE')).toThrow(MalformedFile))
  test('a rate', () => expect(() => parseRate('fast')).toThrow(MalformedFile))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['4: ACTIVE', '2.5 Gb/sec', '100 Gb/sec (4X EDR)'], (bytes) => [
    parseState(bytes.toString('latin1')),
  ])
  recordOrMalformed(['2.5 Gb/sec', '100', '.'], (bytes) => [parseRate(bytes.toString('latin1'))])
})
