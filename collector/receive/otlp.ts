/**
 * POST /v1/metrics: OTLP/HTTP with protobuf bodies, plain, gzip or zstd.
 *
 * Errors are google.rpc.Status. Points that could not be taken while the rest was are a partial success.
 * Source: the OTLP specification, "OTLP/HTTP".
 */
import { encodeResponse, encodeStatus, OTLP_TYPE } from '../../wire/otlp-response.ts'
import { describeDropped } from './advice.ts'
import type { Format, Protocol } from './receiver.ts'
import { RowBuilder } from './rows.ts'

const protobuf: Format = {
  contentType: OTLP_TYPE,
  accepts: (contentType) => mediaType(contentType) === OTLP_TYPE,
  decode: (body, batch, tenant, nowMs) => {
    const rows = new RowBuilder(batch, tenant, nowMs)
    tenant.skeletons.decode(body, rows)
    rows.finish()
    const { points, dropped } = rows
    return {
      points,
      dropped,
      answer: (reply) =>
        reply.header('content-type', OTLP_TYPE).send(encodeResponse(partialOf(dropped))),
    }
  },
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
  return { rejectedPoints, message: `points not stored by reason: ${describeDropped(dropped)}` }
}
