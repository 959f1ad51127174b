import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compress, repackAsGzip, takesZstd } from '../../../agent/ship/compress.ts'

test('zstd is taken where an Accept-Encoding says so', () => {
  const f = (header: string | undefined, want: boolean) => expect(takesZstd(header)).toBe(want)
  f('zstd, gzip', true)
  f('gzip,ZSTD;q=0.5', true)
  f('gzip', false)
  f('zstd;q=0', false)
  f('zstd; q = 0.000, gzip', false)
  f('zstd;q=0.001', true)
  f('x-zstd', false)
  f('*', false)
  f('', false)
  f(undefined, false)
})

test.each([0, 1_000, 200_000])(
  'a body of %i bytes is the same after it was repacked',
  async (size) => {
    const body = Buffer.alloc(size, 'candor ')
    const packed = await compress(body, 'zstd')
    expect(gunzipSync(repackAsGzip(packed)).equals(body)).toBe(true)
  },
)
