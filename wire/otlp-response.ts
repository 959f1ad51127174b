/**
 * What a receiver of OTLP/HTTP answers.
 *
 *   ExportMetricsServiceResponse = (partialSuccess: rejectedDataPoints, errorMessage)?    with 200
 *   google.rpc.Status            = code, message                                         with 4xx, 5xx
 *
 * In JSON the same messages, the number of points as text, since it has 64 bits.
 * Source: opentelemetry-proto collector/metrics/v1; the OTLP specification, "OTLP/HTTP Response".
 */
import { LENGTH, MalformedMessage, Reader, tag, VARINT, Writer } from './protobuf.ts'

export const OTLP_TYPE = 'application/x-protobuf'
export const OTLP_JSON_TYPE = 'application/json'

const RESPONSE = { partialSuccess: 1 } as const
const PARTIAL_SUCCESS = { rejectedPoints: 1, errorMessage: 2 } as const
const STATUS = { code: 1, message: 2 } as const

export interface PartialSuccess {
  readonly rejectedPoints: number
  readonly message: string
}

/** A message without fields has no bytes. */
const ALL_STORED = Buffer.alloc(0)

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))

/** The answer to a request that was stored, but for the points that `partial` speaks of. */
export function encodeResponse(partial?: PartialSuccess): Buffer {
  if (partial === undefined) return ALL_STORED
  const writer = new Writer()
  const message = writer.begin(RESPONSE.partialSuccess)
  writer.varintField(PARTIAL_SUCCESS.rejectedPoints, partial.rejectedPoints)
  writer.textField(PARTIAL_SUCCESS.errorMessage, partial.message)
  writer.end(message)
  return writer.take()
}

export const encodeResponseJson = (partial?: PartialSuccess): Buffer =>
  json(
    partial === undefined
      ? {}
      : {
          partialSuccess: {
            rejectedDataPoints: String(partial.rejectedPoints),
            errorMessage: partial.message,
          },
        },
  )

/** The part of a stored request that was rejected; undefined when all of it was stored. */
export function decodeResponse(body: Uint8Array): PartialSuccess | undefined {
  const reader = new Reader(body)
  const end = reader.bytes.length
  let partial: PartialSuccess | undefined
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === tag(RESPONSE.partialSuccess, LENGTH)) {
      partial = readPartial(reader, reader.open(end))
    } else {
      reader.skip(field, end)
    }
  }
  return partial
}

function readPartial(reader: Reader, end: number): PartialSuccess {
  let rejectedPoints = 0
  let message = ''
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === tag(PARTIAL_SUCCESS.rejectedPoints, VARINT)) rejectedPoints = reader.varint(end)
    else if (field === tag(PARTIAL_SUCCESS.errorMessage, LENGTH)) message = reader.text(end)
    else reader.skip(field, end)
  }
  return { rejectedPoints, message }
}

/** google.rpc.Code, as far as an answer needs it. */
export const INVALID_ARGUMENT = 3
export const PERMISSION_DENIED = 7
export const RESOURCE_EXHAUSTED = 8
export const UNAVAILABLE = 14
export const UNAUTHENTICATED = 16

export function encodeStatus(code: number, message: string): Buffer {
  const writer = new Writer()
  writer.varintField(STATUS.code, code)
  writer.textField(STATUS.message, message)
  return writer.take()
}

export const encodeStatusJson = (code: number, message: string): Buffer => json({ code, message })

/** What an error's body says; undefined where it is no Status, such as a proxy's page. */
export function decodeStatus(body: Uint8Array): string | undefined {
  try {
    const reader = new Reader(body)
    const end = reader.bytes.length
    let message: string | undefined
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === tag(STATUS.message, LENGTH)) message = reader.text(end)
      else reader.skip(field, end)
    }
    return message
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined
    throw error
  }
}
