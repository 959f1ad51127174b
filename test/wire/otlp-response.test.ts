import { expect, test } from 'vitest'
import {
  decodeResponse,
  decodeStatus,
  encodeResponse,
  encodeStatus,
  INVALID_ARGUMENT,
} from '../../wire/otlp-response.ts'

test('a request that was stored whole has an empty answer', () => {
  expect(encodeResponse()).toHaveLength(0)
  expect(decodeResponse(encodeResponse())).toBeUndefined()
})

test('a part that was rejected comes back', () => {
  const partial = { rejectedPoints: 312, message: '312 points: pointAttributes' }
  expect(decodeResponse(encodeResponse(partial))).toEqual(partial)
})

test('an error says why, in the bytes of google.rpc.Status', () => {
  expect(encodeStatus(INVALID_ARGUMENT, 'no').toString('hex')).toBe('080312026e6f')
  expect(decodeStatus(encodeStatus(INVALID_ARGUMENT, 'no'))).toBe('no')
})

test('a page of a proxy is no status', () => {
  expect(decodeStatus(Buffer.from('<html>Bad gateway</html>'))).toBeUndefined()
  expect(decodeStatus(Buffer.alloc(0))).toBeUndefined()
})
