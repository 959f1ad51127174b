import { describe, expect, test } from 'vitest'
import { parseProcessStat, processes } from '../../../agent/machine/processes.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

const stat = (pid: number, name: string, state: string, threads: number) =>
  `${pid} (${name}) ${state} 1 2 3 4 5 0 1 2 3 4 5 6 7 8 20 0 ${threads} 0 500 5 6\n`

test('processes and threads by state', () => {
  const root = folder()
  write(root, {
    'proc/7/stat': stat(7, 'java', 'S', 2),
    'proc/7/task/7/stat': stat(7, 'java', 'S', 2),
    'proc/7/task/8/stat': stat(8, 'GC) R (x', 'D', 2),
    'proc/9/stat': stat(9, 'sh', 'S', 1),
    'proc/9/task/9/stat': stat(9, 'sh', 'S', 1),
    'proc/10/stat': '',
    'proc/sys/kernel/x': '',
  })
  const pass = openReader(processes, root)
  const want = {
    '': { pids: 2, threads: 3 },
    S: { threads_state: 2 },
    D: { threads_state: 1 },
  }
  const read = () => {
    const reading = pass(0)
    if (isOff(reading)) throw new Error('off')
    return reading.rows
  }
  expect(shown(read())).toEqual(want)
  // Sums begin anew in each pass.
  expect(shown(read())).toEqual(want)
  const states = read().filter(({ table }) => table.name === 'machine_process_states')
  expect(shown(states)).toEqual({ S: { state_count: 2 } })
})

test('off without processes', () => {
  expect(isOff(openReader(processes, folder())(0))).toBe(true)
})

test('this machine', () => {
  const [whole] = readRows(processes, '')
  expect(whole!.values[0]).toBeGreaterThan(1)
  expect(whole!.values[1]).toBeGreaterThanOrEqual(whole!.values[0]!)
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parseProcessStat(text)).toThrow(MalformedFile)
  test('no name', () => f('7 S 1 2 3 4 5 0 1 2 3 4 5 6 7 8 20 0 9 0 500\n'))
  test('cut', () => f('7 (java) S 1 2 3\n'))
  test('no state', () => f('7 (java) 1 1 2 3 4 5 0 1 2 3 4 5 6 7 8 20 0 9 0 500\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([stat(7, 'java', 'S', 9), '(', ')'], (bytes) => [
    parseProcessStat(bytes.toString('latin1')).threads,
  ])
})
