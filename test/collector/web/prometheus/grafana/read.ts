/**
 * Reads an answer as Grafana's data source does, and throws where that would not read it, or not all of it.
 * Source: grafana/grafana-prometheus-datasource, pkg/promlib/converter/prom.go (45b2c6d); of lists and
 * metadata @grafana/prometheus 13.2.3.
 */

export interface ReadSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Unix ms. */
  readonly times: readonly number[]
  readonly values: readonly number[]
}

export type Read =
  | { readonly kind: 'error'; readonly text: string }
  | {
      readonly kind: 'matrix' | 'vector' | 'scalar'
      readonly series: readonly ReadSeries[]
      readonly notices: readonly string[]
    }
  | {
      readonly kind: 'list'
      readonly items: readonly unknown[]
      readonly notices: readonly string[]
    }
  | { readonly kind: 'object'; readonly of: Readonly<Record<string, unknown>> }

const ENVELOPE = new Set(['status', 'data', 'error', 'errorType', 'warnings', 'infos'])

export function readAnswer(body: string): Read {
  const answer = objectOf(JSON.parse(body), ENVELOPE)
  if (answer['status'] === 'error') {
    return { kind: 'error', text: `${textOf(answer['errorType'])}: ${textOf(answer['error'])}` }
  }
  if (answer['status'] !== 'success') throw new TypeError(`status ${String(answer['status'])}`)
  const notices = ['warnings', 'infos'].flatMap((name) => {
    if (!(name in answer)) return []
    return listOf(answer[name]).map(textOf)
  })
  const { data } = answer
  if (Array.isArray(data)) return { kind: 'list', items: data, notices }
  const of = objectOf(data)
  if (!('resultType' in of)) return { kind: 'object', of }
  return { ...readResult(objectOf(data, new Set(['resultType', 'result']))), notices }
}

function readResult({ resultType, result }: Readonly<Record<string, unknown>>) {
  switch (resultType) {
    case 'scalar':
      return { kind: resultType, series: [seriesOf({}, [result])] } as const
    case 'vector':
      return {
        kind: resultType,
        series: listOf(result).map((each) => {
          const { metric, value } = objectOf(each, new Set(['metric', 'value']))
          return seriesOf(metric, [value])
        }),
      } as const
    case 'matrix':
      return {
        kind: resultType,
        series: listOf(result).map((each) => {
          const { metric, values } = objectOf(each, new Set(['metric', 'values']))
          return seriesOf(metric, listOf(values))
        }),
      } as const
    default:
      throw new TypeError(`unknown result type: ${String(resultType)}`)
  }
}

function seriesOf(metric: unknown, points: readonly unknown[]): ReadSeries {
  const labels = Object.fromEntries(
    Object.entries(objectOf(metric)).map(([name, value]) => [name, textOf(value)]),
  )
  const read = points.map((point) => {
    const [time, value, ...more] = listOf(point)
    if (typeof time !== 'number' || more.length > 0) throw new TypeError(JSON.stringify(point))
    return { time: Math.round(time * 1_000), value: floatOf(textOf(value)) }
  })
  if (read.length === 0) throw new TypeError('a series without points')
  return {
    labels,
    times: read.map(({ time }) => time),
    values: read.map(({ value }) => value),
  }
}

const NOT_FINITE = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
])

/** As Go's ParseFloat reads what Go's FormatFloat writes. */
function floatOf(text: string): number {
  const special = NOT_FINITE.get(text)
  if (special !== undefined) return special
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]\d{2,3})?$/.test(text)) throw new TypeError(`no float: ${text}`)
  return Number(text)
}

function objectOf(value: unknown, known?: ReadonlySet<string>): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`no object: ${JSON.stringify(value)}`)
  }
  const unknown = Object.keys(value).find((key) => known?.has(key) === false)
  if (unknown !== undefined) throw new TypeError(`an unknown key: ${unknown}`)
  return value as Record<string, unknown>
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`no list: ${JSON.stringify(value)}`)
  return value
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`no text: ${JSON.stringify(value)}`)
  return value
}
