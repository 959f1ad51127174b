/**
 * POST /v1/metrics: OTLP/HTTP with protobuf bodies, plain, gzip or zstd.
 *
 * Errors are google.rpc.Status. Points that could not be taken while the rest was are a partial success.
 * Source: the OTLP specification, "OTLP/HTTP".
 */
import { decodeMetrics } from '../../wire/otlp-decode.ts'
import { encodeResponse, encodeStatus, OTLP_TYPE } from '../../wire/otlp-response.ts'
import type { Format, Protocol } from './receiver.ts'

const protobuf: Format = {
  contentType: OTLP_TYPE,
  accepts: (contentType) => mediaType(contentType) === OTLP_TYPE,
  decode: decodeMetrics,
  answer: (reply, { dropped }) =>
    reply.header('content-type', OTLP_TYPE).send(encodeResponse(partialOf(dropped))),
  refuse: (reply, { grpc }, message) =>
    reply.header('content-type', OTLP_TYPE).send(encodeStatus(grpc, message)),
}

export const otlp: Protocol = {
  name: 'otlp',
  paths: ['/v1/metrics'],
  formats: [protobuf],
  encodings: ['zstd', 'gzip'],
  defaultEncoding: 'identity',
}

const mediaType = (contentType: string) => contentType.split(';')[0]!.trim()

function partialOf(dropped: ReadonlyMap<string, number>) {
  if (dropped.size === 0) return undefined
  let rejectedPoints = 0
  for (const count of dropped.values()) rejectedPoints += count
  const message = [...dropped].map(([reason, count]) => `${reason}: ${count}`).join(', ')
  return { rejectedPoints, message: `points not stored by reason: ${message}` }
}
