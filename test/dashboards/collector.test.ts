/**
 * Each dashboard with the collector as Grafana's data source, which holds the run of a real agent: variables have
 * values, and panels have lines.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ours, startOurs } from '../collector/query/oracle/ours.ts'
import { RECORDED, recordedBodies } from '../collector/query/oracle/recording.ts'
import { type Read, readAnswer, textOf } from '../collector/web/prometheus/grafana/read.ts'

interface Dashboard {
  readonly title: string
  readonly templating: {
    readonly list: readonly {
      readonly type: string
      readonly name: string
      readonly allValue: string
      readonly definition: string
    }[]
  }
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string; readonly refId: string }[]
  }[]
}

const folder = new URL('../../dashboards/generated/', import.meta.url)
const dashboards = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Dashboard,
)

const { endMs } = RECORDED
const MINUTE_S = 60
const END_S = endMs / 1_000

/** As Grafana asks a panel of 700 pixels, where a sample is said to come every 15 s. */
const RANGES = [
  { name: '10 minutes', seconds: 10 * MINUTE_S, step: 15, rateInterval: '1m0s' },
  { name: '12 hours', seconds: 720 * MINUTE_S, step: 60, rateInterval: '1m15s' },
]

let collector: Ours

beforeAll(async () => {
  collector = await startOurs(recordedBodies(), [], endMs)
})
afterAll(() => collector[Symbol.asyncDispose]())

const ask = async (path: string, form: Readonly<Record<string, string>>): Promise<Read> => {
  const body = new URLSearchParams(form)
  const response = await fetch(`${collector.url}/api/v1/${path}`, { method: 'POST', body })
  return readAnswer(await response.text())
}

const askPanel = (expr: string, { seconds, step, rateInterval }: (typeof RANGES)[number]) => {
  const aligned = (time: number) => String(Math.floor(time / step) * step)
  return ask('query_range', {
    query: expr.replaceAll('$__rate_interval', rateInterval),
    start: aligned(END_S - seconds),
    end: aligned(END_S),
    step: String(step),
  })
}

type Chosen = ReadonlyMap<string, string>
const filled = (text: string, chosen: Chosen) =>
  [...chosen].reduce((so, [name, value]) => so.replaceAll(`$${name}`, value), text)

/** `label_values(SELECTOR, LABEL)`, asked of the last hour and a limit that Grafana gives. */
async function valuesOf(definition: string, chosen: Chosen): Promise<readonly string[]> {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition)!
  const asking = new URLSearchParams({
    limit: '40000',
    start: String(END_S - 60 * MINUTE_S),
    end: String(END_S + 10),
    'match[]': filled(selector!, chosen),
  })
  const url = `${collector.url}/api/v1/label/${label}/values?${asking.toString()}`
  const read = readAnswer(await (await fetch(url)).text())
  if (read.kind !== 'list') throw new TypeError(JSON.stringify(read))
  return read.items.map(textOf)
}

describe.each(dashboards)('$title', ({ templating, panels }) => {
  const variables = templating.list.filter(({ type }) => type === 'query')
  const everything: Chosen = new Map(variables.map(({ name, allValue }) => [name, allValue]))
  const queries = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, refId }) => ({ name: `${title} ${refId}`, expr })),
  )

  test('each variable has values, of all and of what is chosen before it', async () => {
    const chosen = new Map<string, string>()
    for (const { name, definition } of variables) {
      expect([name, await valuesOf(definition, everything)]).not.toEqual([name, []])
      const values = await valuesOf(definition, chosen)
      expect([name, values]).not.toEqual([name, []])
      chosen.set(name, `(${values.join('|')})`)
    }
    expect(chosen.get('instance')).toBe(`(${RECORDED.instance})`)
  })

  describe.each(RANGES)('$name', (range) => {
    test.each(queries)('$name', async ({ expr }) => {
      const read = await askPanel(filled(expr, everything), range)
      expect(read.kind).toBe('matrix')
      expect(read).not.toMatchObject({ series: [] })
    })
  })

  test('as many people as look at walls open it at once', async () => {
    const PEOPLE = 10
    const all = Array.from({ length: PEOPLE }, () =>
      queries.map(({ expr }) => askPanel(filled(expr, everything), RANGES[0]!)),
    )
    const kinds = (await Promise.all(all.flat())).map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['matrix']))
    expect(kinds.length).toBe(PEOPLE * queries.length)
  })
})
