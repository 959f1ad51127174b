import { Writable } from 'node:stream'
import fc from 'fast-check'
import pino from 'pino'
import { expect, test } from 'vitest'
import { RepeatedWarnings, toLogfmt } from '../../settings/log.ts'

test('logfmt quotes what a reader could take for something else', () => {
  expect(
    toLogfmt({
      time: 't',
      level: 'warn',
      msg: 'reader failed',
      reader: 'stat',
      path: 'a b',
      text: 'x="1"\n',
      n: 1.5,
    }),
  ).toBe('time=t level=warn msg="reader failed" reader=stat path="a b" text="x=\\"1\\"\\n" n=1.5')
  expect(
    toLogfmt({ level: 'error', err: { message: 'gone', code: 'ENOENT', stack: 's' } }),
  ).toContain('err=gone code=ENOENT')
})

test('a repeated warning comes once a minute, with the number held back', () => {
  const lines: Record<string, unknown>[] = []
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
      done()
    },
  })
  const repeated = new RepeatedWarnings(pino(sink))
  for (const now of [0, 1_000, 59_999, 60_000, 60_001])
    repeated.warn('k', { reader: 'x' }, 'reader failed', now)
  repeated.warn('other', {}, 'reader failed', 1)
  expect(lines.map(({ heldBack }) => heldBack)).toEqual([undefined, 2, undefined])
  repeated.warn('k', { reader: 'x' }, 'reader failed', -7_200_000)
  expect(lines).toHaveLength(4)
})

test('no line moves a terminal', () => {
  expect(toLogfmt({ err: 'a\u009b31mred\u202e\u007f\u001b' })).toContain(
    'err="a\\u{009b}31mred\\u{202e}\\u{007f}\\u001b"',
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(toLogfmt({ msg: text, [text.replace(/[^a-z]/g, 'x')]: text })).not.toMatch(/\p{C}/u)
    }),
  )
})
