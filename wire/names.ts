/**
 * Prometheus names for what comes over OTLP without a row in the catalogue.
 * Source: OpenTelemetry specification, compatibility/prometheus_and_openmetrics.md, "OTLP Metric
 * points to Prometheus"; units as UCUM writes them.
 */

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
  '1': '',
}
const PER: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

/** Words of a name: what stands between characters that a name may not have. */
const words = (text: string): string[] => text.split(/[^A-Za-z0-9:]+/).filter((word) => word !== '')

/** The name of the series, or undefined when nothing of the OTel name can stand in one. */
export function prometheusName(
  name: string,
  unit: string,
  kind: 'gauge' | 'counter' | 'updown',
): string | undefined {
  const suffix = kind === 'counter' ? 'total' : kind === 'gauge' && unit === '1' ? 'ratio' : ''
  const base = words(name).filter((word) => suffix === '' || word !== suffix)
  for (const part of unitWords(unit)) {
    if (part !== '' && !`_${base.join('_')}_`.includes(`_${part}_`)) base.push(part)
  }
  if (base.length === 0) return undefined
  if (suffix !== '') base.push(suffix)
  const joined = base.join('_')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

/** `By/s` is `bytes` and `per_second`; what stands in braces says nothing. */
function unitWords(unit: string): readonly [main: string, per: string] {
  const [main = '', ...rest] = unit.replaceAll(/\{[^}]*\}/g, '').split('/')
  const per = rest.join('/').trim()
  const word = (text: string, table: Readonly<Record<string, string>>) =>
    words(Object.hasOwn(table, text) ? table[text]! : text).join('_')
  const perWord = word(per, PER)
  return [word(main.trim(), UNITS), perWord === '' ? '' : `per_${perWord}`]
}

/** The label of an attribute. */
function prometheusLabel(attribute: string): string {
  const label = attribute.replaceAll(/[^A-Za-z0-9]+/g, '_')
  return label === '' ? '_' : /^\d/.test(label) ? `key_${label}` : label
}

/** Labels of a set of attributes; where two share a label, both values stand in it, split by `;`. */
export function prometheusLabels(attributes: ReadonlyMap<string, string>): Record<string, string> {
  const labels = new Map<string, string>()
  for (const [attribute, value] of [...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const label = prometheusLabel(attribute)
    const present = labels.get(label)
    labels.set(label, present === undefined ? value : `${present};${value}`)
  }
  return Object.fromEntries(labels)
}

/** A number as Prometheus writes it in a label such as `le`: without an exponent. */
export function plainNumber(value: number): string {
  if (value === Infinity) return '+Inf'
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text === '-Infinity' ? '-Inf' : text
  const [, sign, first, rest = '', exponent] = match
  const digits = `${first}${rest}`
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}
