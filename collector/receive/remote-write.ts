/**
 * POST /api/v1/write: Prometheus remote write 1.0 and 2.0, in snappy's block format; gzip and zstd are
 * taken as well.
 *
 * 204 means that all of it is stored. Where a part could not be, the rest is stored and 400 says what is
 * not and why: the protocol knows no other form of that, and the sender does not try again. Of exemplars,
 * which are not stored, that holds in 2.0; 1.0 lets a receiver leave them out. 2.0 is told in headers
 * how much was written.
 * Source: the specifications, https://prometheus.io/docs/specs/prw/
 */
import { decodeWriteV1, decodeWriteV2, type WriteItem } from '../../wire/remote-write.ts'
import { describeDropped } from './advice.ts'
import type { Answer } from '../web/answer.ts'
import type { Format, Outcome, Protocol } from './protocol.ts'
import { WriteRows } from './write-rows.ts'

const MEDIA_TYPE = 'application/x-protobuf'
const V1 = 'prometheus.WriteRequest'
const V2 = 'io.prometheus.write.v2.Request'

/** The message that a Content-Type names; empty where it names none, undefined where it is no protobuf. */
function messageOf(contentType: string): string | undefined {
  const [media, ...parameters] = contentType.split(';').map((part) => part.trim())
  if (media !== MEDIA_TYPE) return undefined
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))
  return proto === undefined ? '' : proto.slice('proto='.length).replaceAll('"', '')
}

const v1: Format = {
  contentType: MEDIA_TYPE,
  accepts: (contentType) => ['', V1.toLowerCase()].includes(messageOf(contentType) ?? '?'),
  decode: (body, batch, tenant, nowMs) => {
    const rows = new WriteRows(batch, tenant, nowMs)
    decodeWriteV1(body, rows)
    const asked = new Map([...rows.dropped].filter(([reason]) => reason !== 'exemplars'))
    return outcomeOf(rows, asked, (reply) => reply)
  },
  refuse: (reply, _refusal, message) => sendText(reply, message),
}

const v2: Format = {
  contentType: `${MEDIA_TYPE};proto=${V2}`,
  accepts: (contentType) => messageOf(contentType) === V2.toLowerCase(),
  decode: (body, batch, tenant, nowMs) => {
    const rows = new WriteRows(batch, tenant, nowMs)
    decodeWriteV2(body, rows)
    return outcomeOf(rows, rows.dropped, (reply) => tellWritten(reply, rows.written))
  },
  refuse: (reply, _refusal, message) =>
    sendText(tellWritten(reply, { samples: 0, histograms: 0, exemplars: 0 }), message),
}

export const remoteWrite: Protocol = {
  name: 'remote_write',
  paths: ['/api/v1/write'],
  formats: [v1, v2],
  encodings: ['snappy', 'zstd', 'gzip'],
  // Not all who send say so, and nothing else ever was.
  defaultEncoding: 'snappy',
}

/** `asked` are those of the dropped that the sender has to be told of. */
function outcomeOf(
  { written, dropped }: WriteRows,
  asked: ReadonlyMap<string, number>,
  head: (reply: Answer) => Answer,
): Outcome {
  const { samples, histograms } = written
  return {
    points: samples + histograms,
    dropped,
    answer: (reply) => {
      const headed = head(reply)
      if (asked.size === 0) return headed.code(204).send()
      const what = `stored ${samples} samples and ${histograms} histograms`
      return sendText(headed.code(400), `${what}; not stored by reason: ${describeDropped(asked)}`)
    },
  }
}

const tellWritten = (reply: Answer, written: Readonly<Record<WriteItem, number>>) =>
  reply.headers({
    'x-prometheus-remote-write-samples-written': String(written.samples),
    'x-prometheus-remote-write-histograms-written': String(written.histograms),
    'x-prometheus-remote-write-exemplars-written': String(written.exemplars),
  })

const sendText = (reply: Answer, message: string) =>
  reply.header('content-type', 'text/plain; charset=utf-8').send(`${message}\n`)
