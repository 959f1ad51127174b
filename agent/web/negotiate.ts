/**
 * What a scraper takes: the format by `Accept`, the encoding by `Accept-Encoding`.
 * Source: RFC 9110, 12.4.2 (weights), 12.5.1, 12.5.3.
 */
import type { Format } from '../../wire/exposition-format.ts'
import type { Encoding } from './body.ts'

interface Item {
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
  /** 0: not wanted. */
  readonly weight: number
}

function items(header: string | string[] | undefined): Item[] {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .flatMap((text) => {
      const [name = '', ...rest] = text.split(';').map((part) => part.trim())
      if (name === '') return []
      const parameters = new Map(
        rest.map((part) => {
          const [key = '', value = ''] = part.split('=')
          return [key.trim(), value.trim().replace(/^"|"$/g, '')] as const
        }),
      )
      return [{ name, parameters, weight: weightOf(parameters.get('q')) }]
    })
}

/** A weight that is none takes the item out: nobody gets what they may not be able to read. */
function weightOf(text: string | undefined): number {
  if (text === undefined) return 1
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0
}

/**
 * The dearest that is wanted most; of equals zstd, then gzip. `*` alone means gzip, which everyone
 * reads. What asks for nothing, or for nothing that there is, gets the plain bytes.
 */
export function encodingOf(header: string | string[] | undefined): Encoding {
  const weights = new Map(items(header).map(({ name, weight }) => [name, weight]))
  const zstd = weights.get('zstd') ?? 0
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0
  const identity = weights.get('identity') ?? 0
  if (zstd > 0 && zstd >= gzip && zstd >= identity) return 'zstd'
  return gzip > 0 && gzip >= identity ? 'gzip' : 'identity'
}

const TEXT_VERSIONS: readonly (string | undefined)[] = [undefined, '0.0.4', '1.0.0']
const OPENMETRICS_VERSIONS: readonly (string | undefined)[] = [undefined, '1.0.0']

/** OpenMetrics for those who ask for it by name and do not prefer plain text. */
export function formatOf(header: string | string[] | undefined): Format {
  let openmetrics = 0
  let text = 0
  for (const { name, parameters, weight } of items(header)) {
    const version = parameters.get('version')
    if (name === 'application/openmetrics-text' && OPENMETRICS_VERSIONS.includes(version)) {
      openmetrics = Math.max(openmetrics, weight)
    } else if (name === 'text/plain' && TEXT_VERSIONS.includes(version)) {
      text = Math.max(text, weight)
    }
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text'
}
