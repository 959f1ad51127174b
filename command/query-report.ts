/** An answer of Prometheus' API on a terminal: a table of values, or a line a series with its course. */
import { styleText } from 'node:util'
import { printable } from './table.ts'

/** [Unix seconds, value as text] */
type Sample = readonly [timeSeconds: number, value: string]

export type QueryData =
  | { readonly resultType: 'scalar' | 'string'; readonly result: Sample }
  | {
      readonly resultType: 'vector'
      readonly result: readonly { readonly metric: Metric; readonly value: Sample }[]
    }
  | {
      readonly resultType: 'matrix'
      readonly result: readonly { readonly metric: Metric; readonly values: readonly Sample[] }[]
    }
type Metric = Readonly<Record<string, string>>

export interface Shown {
  readonly data: QueryData
  readonly notes: readonly string[]
  /** Columns of the terminal. */
  readonly width: number
}

/** Series that fit a screen or two. */
const MOST_LINES = 100
const BARS = '▁▂▃▄▅▆▇█'
const LEAST_COURSE = 16
const MOST_COURSE = 60

export function describeAnswer({ data, notes, width }: Shown): string {
  return [body(data, width), ...notes.map((note) => `  ${dim('note')}  ${printable(note)}`)].join(
    '\n',
  )
}

function body(data: QueryData, width: number): string {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return `  ${printable(data.result[1])}`
    case 'vector':
      return lines(
        data.result.map(({ metric, value: [, value] }) => [seriesText(metric), printable(value)]),
        width,
      )
    case 'matrix':
      return courses(data.result, width)
  }
}

const NOTHING = '  no series'

function lines(rows: readonly (readonly [string, string])[], width: number): string {
  if (rows.length === 0) return NOTHING
  const shown = rows.slice(0, MOST_LINES)
  const values = Math.max(...shown.map(([, value]) => value.length))
  const names = Math.min(
    Math.max(...shown.map(([name]) => name.length)),
    Math.max(20, width - values - 4),
  )
  const text = shown.map(
    ([name, value]) => `  ${cut(name, names).padEnd(names)}  ${value.padStart(values)}`,
  )
  return [...text, ...more(rows.length)].join('\n')
}

const more = (count: number) =>
  count > MOST_LINES ? [`  … and ${count - MOST_LINES} more series`] : []

/** Two lines a series: which it is with its figures, and its course over the time that was asked for. */
function courses(
  series: readonly { readonly metric: Metric; readonly values: readonly Sample[] }[],
  width: number,
): string {
  if (series.length === 0) return NOTHING
  const [from, to] = bounds(series)
  const points = Math.max(...series.map(({ values }) => values.length))
  const columns = Math.min(points, MOST_COURSE, Math.max(LEAST_COURSE, width - 50))
  const shown = series.slice(0, MOST_LINES).flatMap(({ metric, values }) => {
    const numbers = values.map(([, value]) => numberOf(value))
    const finite = numbers.filter((value) => Number.isFinite(value))
    const figures =
      finite.length === 0
        ? 'no number'
        : [
            `min ${short(Math.min(...finite))}`,
            `mean ${short(finite.reduce((sum, value) => sum + value / finite.length, 0))}`,
            `max ${short(Math.max(...finite))}`,
            `last ${printable(values.at(-1)![1])}`,
          ].join('  ')
    return [
      `  ${cut(seriesText(metric), Math.max(20, width - 2))}`,
      `    ${course(values, from, to, columns)}  ${dim(figures)}`,
    ]
  })
  const span = `  ${clock(from)} to ${clock(to)} UTC`
  return [dim(span), ...shown, ...more(series.length)].join('\n')
}

function bounds(series: readonly { readonly values: readonly Sample[] }[]): [number, number] {
  let from = Infinity
  let to = -Infinity
  for (const { values } of series) {
    from = Math.min(from, values[0]?.[0] ?? Infinity)
    to = Math.max(to, values.at(-1)?.[0] ?? -Infinity)
  }
  return [from, to]
}

/** The mean of what falls into each column; a column without a value is blank. */
export function course(
  values: readonly Sample[],
  from: number,
  to: number,
  columns: number,
): string {
  const sums = new Float64Array(columns)
  const counts = new Uint32Array(columns)
  for (const [time, text] of values) {
    const value = numberOf(text)
    if (!Number.isFinite(value)) continue
    const share = to === from ? 0 : (time - from) / (to - from)
    const column = Math.min(columns - 1, Math.floor(share * columns))
    sums[column]! += value
    counts[column]! += 1
  }
  const means = [...sums].map((sum, i) => (counts[i] === 0 ? undefined : sum / counts[i]!))
  const known = means.filter((mean) => mean !== undefined)
  const least = Math.min(...known)
  const span = Math.max(...known) - least
  return means
    .map((mean) => {
      if (mean === undefined) return ' '
      return BARS[span === 0 ? 0 : Math.min(7, Math.floor(((mean - least) / span) * 8))]!
    })
    .join('')
}

const numberOf = (text: string) => Number(text.replace('Inf', 'Infinity'))
const short = (value: number) => String(Number(value.toPrecision(4)))
const clock = (seconds: number) =>
  new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ')
const dim = (text: string) => styleText('dim', text, { stream: process.stdout })

const cut = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`

/** As PromQL writes a series. */
export function seriesText({ __name__: name = '', ...labels }: Metric): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const text = pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`
  return printable(text)
}
