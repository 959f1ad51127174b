import { describe, expect, test } from 'vitest'
import { cgroupsCount, parseCgroups } from '../../../agent/machine/cgroups-count.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineCgroupControllers } from '../../../catalog/tables/machine-processes.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function read(text: string) {
  const rows = new KeptRows(machineCgroupControllers, MACHINE)
  parseCgroups(text, rows)
  return shown(rows.finish())
}

test('a row a controller', () => {
  const rows = shown(readRows(cgroupsCount, fixture('hybrid-firecracker-6.18')))
  expect(rows['memory']).toEqual({ cgroups: expect.any(Number), enabled: 1 })
  expect(read('#subsys_name hierarchy num_cgroups enabled\npids 0 7 0\n')).toEqual({
    pids: { cgroups: 7, enabled: 0 },
  })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('too few columns', () => f('memory 4 22\n'))
  test('no number', () => f('memory 4 x 1\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['memory 4 22 1\n', '#', 'pids '], (bytes) =>
    Object.values(read(bytes.toString('latin1'))).flatMap((row) => Object.values(row)),
  )
})
