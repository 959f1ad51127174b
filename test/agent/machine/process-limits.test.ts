import { expect, test } from 'vitest'
import { parseThreads, processLimits } from '../../../agent/machine/process-limits.ts'
import { fixture, folder } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('limits, and the threads that take of them', () => {
  expect(shown(readRows(processLimits, fixture('v2-kubernetes-6.8')))).toEqual({
    '': {
      max_processes: 4194304,
      max_threads: 127184,
      all_threads: 126,
      max_open_files: 1048576,
    },
  })
})

test('off where none can be read', () => {
  expect(isOff(openReader(processLimits, folder())(0))).toBe(true)
})

test('any bytes are threads or none', () => {
  recordOrMalformed(['0.27 0.25 0.12 3/126 20036\n', '/'], (bytes) => {
    const threads = parseThreads(bytes, bytes.length)
    return Number.isNaN(threads) ? [] : [threads]
  })
})
