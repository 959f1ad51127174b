import { describe, expect, test } from 'vitest'
import { parseSoftnet, softnet } from '../../../agent/machine/softnet.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineSoftnet } from '../../../catalog/tables/machine-softnet.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, shown } from './open.ts'

function read(text: string) {
  const rows = new KeptRows(machineSoftnet, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parseSoftnet(bytes, bytes.length, rows)
  return rows.finish()
}
const NINE = '0000000a 00000001 00000002 0 0 0 0 0 00000003'

test('a kernel that names its CPUs', () => {
  expect(shown(readRows(softnet, fixture('hybrid-firecracker-6.18')))).toEqual({
    0: {
      processed: 0x2290e,
      dropped: 0,
      times_squeezed: 0,
      cpu_collision: 0,
      received_rps: 0,
      flow_limit_count: 0,
      backlog: 0,
    },
    1: {
      processed: 0x45005,
      dropped: 0,
      times_squeezed: 0,
      cpu_collision: 0,
      received_rps: 0,
      flow_limit_count: 0,
      backlog: 0,
    },
  })
})

test('a CPU that is offline has no line, and the others keep their names', () => {
  const text = `${NINE} 4 5 6 00000000\n${NINE} 4 5 6 00000002 0 0\n`
  expect(Object.keys(shown(read(text)))).toEqual(['0', '2'])
})

describe('columns by the age of the kernel; what it lacks is absent', () => {
  const f = (line: string, want: Record<string, number>) =>
    expect(shown(read(`${line}\n`))).toEqual({ 0: want })
  const first = { processed: 10, dropped: 1, times_squeezed: 2, cpu_collision: 3 }
  test('9', () => f(NINE, first))
  test('10', () => f(`${NINE} 4`, { ...first, received_rps: 4 }))
  test('11', () => f(`${NINE} 4 5`, { ...first, received_rps: 4, flow_limit_count: 5 }))
  test('13', () =>
    f(`${NINE} 4 5 6 0`, { ...first, received_rps: 4, flow_limit_count: 5, backlog: 6 }))
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('too few columns', () => f('1 2 3\n'))
  test('no number', () => f('x\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['0000001f ', `${NINE} 4 5 6 0\n`, `${NINE}\n`], (bytes) =>
    read(bytes.toString('latin1')).flatMap((row) =>
      [...row.values].filter((v) => !Number.isNaN(v)),
    ),
  )
})
