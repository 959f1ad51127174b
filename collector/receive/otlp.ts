/**
 * POST /v1/metrics: OTLP/HTTP with protobuf or JSON bodies, plain, gzip or zstd.
 *
 * 200 means stored. Errors are google.rpc.Status, in the form in which the request came. Points that
 * could not be taken while the rest was are a partial success.
 * Source: the OTLP specification, "OTLP/HTTP".
 */
import { protobufOfJson } from '../../wire/otlp-json.ts'
import {
  encodeResponse,
  encodeResponseJson,
  encodeStatus,
  encodeStatusJson,
  OTLP_JSON_TYPE,
  OTLP_TYPE,
  type PartialSuccess,
} from '../../wire/otlp-response.ts'
import { describeDropped } from './advice.ts'
import type { Format, Protocol } from './protocol.ts'
import { RowBuilder } from './rows.ts'

/** One of the two forms. */
interface Form {
  readonly contentType: string
  readonly toProtobuf: (body: Buffer) => Buffer
  readonly response: (partial?: PartialSuccess) => Buffer
  readonly status: (code: number, message: string) => Buffer
}

const formatOf = ({ contentType, toProtobuf, response, status }: Form): Format => ({
  contentType,
  accepts: (found) => found.split(';')[0]!.trim() === contentType,
  decode: (body, batch, tenant, nowMs) => {
    const rows = new RowBuilder(batch, tenant, nowMs)
    tenant.skeletons.decode(toProtobuf(body), rows)
    rows.finish()
    const { points, dropped } = rows
    return {
      points,
      dropped,
      answer: (reply) =>
        reply.header('content-type', contentType).send(response(partialOf(dropped))),
    }
  },
  refuse: (reply, { grpc }, message) =>
    reply.header('content-type', contentType).send(status(grpc, message)),
})

export const otlp: Protocol = {
  name: 'otlp',
  paths: ['/v1/metrics'],
  formats: [
    formatOf({
      contentType: OTLP_TYPE,
      toProtobuf: (body) => body,
      response: encodeResponse,
      status: encodeStatus,
    }),
    formatOf({
      contentType: OTLP_JSON_TYPE,
      toProtobuf: protobufOfJson,
      response: encodeResponseJson,
      status: encodeStatusJson,
    }),
  ],
  encodings: ['zstd', 'gzip'],
  defaultEncoding: 'identity',
}

function partialOf(dropped: ReadonlyMap<string, number>): PartialSuccess | undefined {
  if (dropped.size === 0) return undefined
  let rejectedPoints = 0
  for (const count of dropped.values()) rejectedPoints += count
  return { rejectedPoints, message: `points not stored by reason: ${describeDropped(dropped)}` }
}
