import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { inflate } from '../../../collector/receive/inflate.ts'
import { ReceiveError } from '../../../collector/receive/receive-error.ts'

/** So much noise is not inflated at once. */
const noise = randomBytes(40 << 10)
const large = (zeros: number) => Buffer.concat([noise, Buffer.alloc(zeros)])
const free = () => {}

describe.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('%s', (encoding, compress) => {
  test('a large body comes out as it was', async () => {
    const body = large(1 << 20)
    expect(await inflate(compress(body), encoding, free)).toEqual(body)
  })

  test('what comes out is held while it comes, and no more is made than may be', async () => {
    const most = 1 << 20
    let held = 0
    const hold = (bytes: number) => {
      if (held + bytes > most) throw new ReceiveError('ERR_OVERLOADED', 'too much')
      held += bytes
    }
    const sent = compress(large(32 << 20))
    expect(sent.length).toBeLessThan(200 << 10)
    await expect(inflate(sent, encoding, hold)).rejects.toMatchObject({ code: 'ERR_OVERLOADED' })
    expect(held).toBeGreaterThan(most / 2)
  })

  test('a small body is held as a whole', () => {
    let held = 0
    const hold = (bytes: number) => void (held += bytes)
    expect(inflate(compress(Buffer.alloc(1_000)), encoding, hold)).toEqual(Buffer.alloc(1_000))
    expect(held).toBe(1_000)
  })

  test('a large body that becomes too much, is damaged or ends early is refused', async () => {
    const f = (body: Buffer, code: string) =>
      expect(inflate(body, encoding, free)).rejects.toMatchObject({ code })
    const whole = compress(large(0))
    const damaged = Buffer.from(whole)
    damaged.fill(0xff, 4, 64)
    await f(compress(large(limits.inflatedBytes.value)), 'ERR_BODY_TOO_LARGE')
    await f(damaged, 'ERR_BODY_MALFORMED')
    await f(whole.subarray(0, -10), 'ERR_BODY_MALFORMED')
  })
})
