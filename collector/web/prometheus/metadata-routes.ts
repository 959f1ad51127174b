/** /api/v1/series, labels, label/<name>/values, metadata: what there is to ask for. */
import type { FastifyInstance } from 'fastify'
import type { Between, Listed, Queries } from '../../query/queries.ts'
import type { Of } from '../of.ts'
import { encodeLabels, encodeNotes, list } from './encode.ts'
import { QueryError } from '../../query/query-error.ts'
import { invalid, naming } from './parameters.ts'
import { checked, optionsOf } from './query-routes.ts'
import { type Asked, type Body, prometheusRoute, success } from './route.ts'

const CUT = 'results truncated due to limit'
const EARLIEST_MS = 0

export function metadataRoutes(app: FastifyInstance, of: Of<Queries>, now: () => number): void {
  const between = ({ parameters }: Asked): Between => ({
    fromMs: parameters.timeMs('start') ?? EARLIEST_MS,
    toMs: parameters.timeMs('end') ?? now(),
  })
  prometheusRoute(app, '/api/v1/series', 'Series of selectors', async (asked) => {
    const selectors = asked.parameters.all('match')
    if (selectors.length === 0) throw new QueryError('bad_data', 'no match[] parameter provided')
    const queries = of(asked.request)
    const options = optionsOf(asked)
    const range = between(asked)
    return encodeSeries(await naming('match[]', () => queries.series(selectors, range, options)))
  })
  prometheusRoute(app, '/api/v1/labels', 'Names of labels', async (asked) => {
    const selectors = asked.parameters.all('match')
    const queries = of(asked.request)
    const options = optionsOf(asked)
    const range = between(asked)
    return listed(await naming('match[]', () => queries.labelNames(selectors, range, options)))
  })
  prometheusRoute(app, '/api/v1/label/:name/values', 'Values of a label', async (asked) => {
    const { name } = asked.request.params as { readonly name: string }
    const label = unescaped(name)
    if (label === '') throw invalid('name', `invalid label name: "${name}"`)
    const selectors = asked.parameters.all('match')
    const queries = of(asked.request)
    const options = optionsOf(asked)
    const range = between(asked)
    return listed(
      await naming('match[]', () => queries.labelValues(label, selectors, range, options)),
    )
  })
  prometheusRoute(app, '/api/v1/metadata', 'Type, help and unit of metrics', async (asked) => {
    const metric = asked.parameters.text('metric')
    const { items } = await of(asked.request).metadata(metric, optionsOf(asked))
    const data = Object.groupBy(items, ({ name }) => name)
    return success(
      Object.fromEntries(
        Object.entries(data).map(([name, all]) => [
          name,
          all!.map(({ type, help, unit }) => ({ type, help, unit })),
        ]),
      ),
    )
  })
  prometheusRoute(
    app,
    '/api/v1/query_exemplars',
    'Exemplars, which are not kept',
    async ({ parameters }) => {
      const text = parameters.required('query')
      // Grafana looks for them with milliseconds, where seconds are meant: they are times as well.
      parameters.timeMs('start')
      parameters.timeMs('end')
      return naming('query', () => {
        checked(text)
        return success([])
      })
    },
  )
}

const notesOf = ({ isCut }: Listed<unknown>) => ({ warnings: isCut ? [CUT] : [] })

const listed = (found: Listed<string>): Body => success(found.items, notesOf(found))

function* encodeSeries(found: Awaited<ReturnType<Queries['series']>>): Generator<string> {
  yield '{"status":"success","data":'
  yield* list(found.items, (labels) => [encodeLabels(labels)])
  yield `${encodeNotes({ infos: [], ...notesOf(found) })}}`
}

/**
 * A label in an address: `U__` begins a name that is not of letters, digits and underscores, in which
 * `_2e_` is the character U+002E and `__` an underscore.
 * Source: prometheus/common, model.UnescapeName of ValueEncodingEscaping.
 */
export function unescaped(name: string): string {
  if (!name.startsWith('U__')) return name
  const text = name.slice(3)
  const found = text.replaceAll(/__|_([0-9a-fA-F]{1,6})_/g, (_, hex?: string) => {
    if (hex === undefined) return '_'
    const point = Number.parseInt(hex, 16)
    return point > 0x10_ff_ff ? '\ufffd' : String.fromCodePoint(point)
  })
  return found
}
