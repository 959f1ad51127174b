import { expect, test } from 'vitest'
import { parseVmstat } from '../../../agent/machine/vmstat.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

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

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['pgfault ', 'oom_kill 1\n'], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
