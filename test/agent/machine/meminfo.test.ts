import { expect, test } from 'vitest'
import { parseMeminfo } from '../../../agent/machine/meminfo.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const read = (text: string) => {
  const row = emptyRow(machine, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseMeminfo(bytes, bytes.length, row.values)
  return present(row)
}

test('KiB become bytes, pages stay pages, unknown keys are ignored', () => {
  expect(
    read(
      'MemTotal:       24684084 kB\nActive(anon):       12 kB\nNewcomer:    7 kB\nHugePages_Total:      16\nHugepagesize:       2048 kB\nVmallocTotal:   34359738367 kB\n',
    ),
  ).toEqual({
    memory_mem_total_bytes: 24684084 * 1024,
    memory_active_anon_bytes: 12288,
    memory_huge_pages_total: 16,
    memory_hugepagesize_bytes: 2097152,
    memory_vmalloc_total_bytes: 35184372087808,
  })
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['MemTotal:', 'MemFree: 1 kB\n', 'kB'], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
