import { describe, expect, test } from 'vitest'
import { parseSwaps, swap } from '../../../agent/machine/swap.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { readRows, shown } from './open.ts'

const HEADING = 'Filename Type Size Used Priority\n'
const MADE = new URL('../../fixtures/storage-made', import.meta.url).pathname

test('KiB become bytes; a blank in a name stays as the kernel writes it', () => {
  expect(shown(readRows(swap, MADE))).toEqual({
    '/dev/zram0 partition': { size_bytes: 4194300 * 1024, used_bytes: 1024 * 1024, priority: 100 },
    '/swap\\040file file': { size_bytes: 8388604 * 1024, used_bytes: 0, priority: -2 },
  })
})

test('a machine without swap has no rows, and is not off', () => {
  expect(readRows(swap, fixture('hybrid-firecracker-6.18'))).toEqual([])
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parseSwaps(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('no heading', () => f('/dev/sda2 partition 1 2 3\n'))
  test('no priority', () => f(`${HEADING}/dev/sda2 partition 1 2\n`))
  test('no number', () => f(`${HEADING}/dev/sda2 partition x 2 3\n`))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([HEADING, '/dev/sda2 partition 1 2 -3\n'], (bytes) =>
    parseSwaps(bytes.toString('utf8')).flatMap(({ sizeBytes, usedBytes }) => [
      sizeBytes,
      usedBytes,
    ]),
  )
})
