import { expect, test } from 'vitest'
import { parseSize } from '../../settings/size.ts'

test('sizes are bytes, in steps of 1,024', () => {
  const f = (text: string, want: number | undefined) => expect(parseSize(text)).toBe(want)
  f('0', 0)
  f('65536', 65_536)
  f('512B', 512)
  f('1KiB', 1_024)
  f('256MiB', 268_435_456)
  f('2GiB', 2_147_483_648)
  f('1TiB', 1_099_511_627_776)
  f('256MB', undefined)
  f('256 MiB', undefined)
  f('-1', undefined)
  f('1.5GiB', undefined)
  f('', undefined)
  f('999999999999999TiB', undefined)
})
