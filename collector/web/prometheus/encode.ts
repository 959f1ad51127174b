/**
 * Answers as Prometheus writes them: numbers as text, so that NaN and Inf have a spelling, times as
 * seconds. A large answer comes part by part, so that nothing else waits while it is written.
 * Source: util/jsonutil/marshal.go, web/api/v1/json_codec.go.
 */
import type { Point, QueryAnswer, QueryValue } from '../../query/answer.ts'
import type { Labels } from '../../query/grid/labels.ts'
import { formatNumber } from '../../query/grid/number-text.ts'

/** Characters from which a piece is sent. */
const PIECE = 64 * 1024

/** As Go's shortest form, with an exponent below 1e-6 and from 1e21 on. */
export function formatValue(value: number): string {
  const text = String(value)
  return text.includes('e') ? text.replace(/e([+-])(\d)$/, 'e$10$2') : formatNumber(value)
}

/** Seconds with the milliseconds as a fraction. */
export function formatTime(ms: number): string {
  const whole = Math.trunc(ms / 1_000)
  const rest = Math.abs(ms % 1_000)
  const sign = ms < 0 && whole === 0 ? '-' : ''
  return rest === 0 ? `${sign}${whole}` : `${sign}${whole}.${String(rest).padStart(3, '0')}`
}

const point = ([timeMs, value]: Point) => `[${formatTime(timeMs)},"${formatValue(value)}"]`

export const encodeLabels = (labels: Labels): string =>
  `{${labels.entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`

/** `data` of an answer, part by part. */
export function* encodeValue(value: QueryValue): Generator<string> {
  yield `{"resultType":"${value.type}","result":`
  switch (value.type) {
    case 'scalar':
      yield point(value.point)
      break
    case 'string':
      yield `[${formatTime(value.timeMs)},${JSON.stringify(value.text)}]`
      break
    case 'vector':
      yield* list(value.samples, function* ({ labels, point: newest }) {
        yield `{"metric":${encodeLabels(labels)},"value":${point(newest)}}`
      })
      break
    case 'matrix':
      yield* list(value.series, encodeSeries)
  }
  yield '}'
}

type Series = Extract<QueryValue, { readonly type: 'matrix' }>['series'][number]

function* encodeSeries({ labels, times, values }: Series): Generator<string> {
  yield `{"metric":${encodeLabels(labels)},"values":[`
  for (let i = 0; i < times.length; i++) {
    yield `${i === 0 ? '' : ','}${point([times[i]!, values[i]!])}`
  }
  yield ']}'
}

/** A JSON list, its items part by part. */
export function* list<T>(
  items: Iterable<T>,
  encode: (item: T) => Iterable<string>,
): Generator<string> {
  let before = '['
  for (const item of items) {
    yield before
    yield* encode(item)
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

/** The same text in fewer parts, each of PIECE characters or a little more. */
export function* gathered(parts: Iterable<string>): Generator<string> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/** What comes beside `data`; the keys are left out where there is nothing. */
export function encodeNotes({ warnings, infos }: Pick<QueryAnswer, 'warnings' | 'infos'>): string {
  const named = (name: string, texts: readonly string[]) =>
    texts.length === 0 ? '' : `,"${name}":${JSON.stringify(texts)}`
  return named('warnings', warnings) + named('infos', infos)
}

/** The whole body. */
export function* encodeAnswer({ value, warnings, infos }: QueryAnswer): Generator<string> {
  yield '{"status":"success","data":'
  yield* encodeValue(value)
  yield `${encodeNotes({ warnings, infos })}}`
}
