import { describe, expect, test } from 'vitest'
import { parseFields, parseVmstat, vmstat } from '../../../agent/machine/vmstat.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { filesOf, fixture, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE } from './open.ts'

const read = (text: string) => {
  const row = emptyRow(machine, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseVmstat(bytes, bytes.length, row.values)
  return present(row)
}

test('the keys of the catalogue and no others', () => {
  expect(read('nr_free_pages 12\npgpgin 34\noom_kill_x 1\noom_kill 2\n')).toEqual({
    vmstat_pgpgin: 34,
    vmstat_oom_kill: 2,
  })
})

test('a kernel that does not count kills leaves them absent, not 0', () => {
  expect(read('pgfault 1\n')).toEqual({ vmstat_pgfault: 1 })
})

describe('fields that were chosen', () => {
  const context = (fields: string) => ({
    files: filesOf(fixture('hybrid-firecracker-6.18')),
    machine: MACHINE,
    values: emptyRow(machine, MACHINE).values,
    settings: { 'collector.vmstat.fields': fields },
  })
  test('and no others', () => {
    const of = context('^(pgpgin|nr_dirty)$')
    const reading = vmstat.open(of)(0)
    if ('reason' in reading) throw new Error(reading.reason)
    const columns = present({ ...emptyRow(machine, MACHINE), values: of.values })
    expect(Object.keys(columns)).toEqual(['vmstat_pgpgin'])
    expect(reading.foreign).toMatchObject([
      { name: 'node_vmstat_nr_dirty', type: 'untyped', samples: [{ labels: [] }] },
    ])
  })
  test('any text has fields or is malformed', () => {
    recordOrMalformed(['pgfault 1\n', 'nr_x '], (bytes) =>
      parseFields(bytes.toString('latin1'), /./).map(([, value]) => value),
    )
  })
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['pgfault ', 'oom_kill 1\n'], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
