/**
 * Requests of Grafana's data source, as they were recorded, to a collector that holds the run of a real agent
 * and what an application sent: each is answered, and in the form that Grafana reads.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { METRIC_NAME, Labels } from '../../../../collector/query/grid/labels.ts'
import { applicationSeries } from '../../query/oracle/application.ts'
import { type Ours, startOurs } from '../../query/oracle/ours.ts'
import { RECORDED, recordedBodies } from '../../query/oracle/recording.ts'
import { type Read, readAnswer, textOf } from './grafana/read.ts'
import { type GrafanaRequest, RECORDED_MS, recorded } from './grafana/requests.ts'

const { endMs } = RECORDED
const COUNT = 180
const EVERY_MS = 15_000

/** Its names are none that Prometheus 2 would take. */
const DOTTED = {
  labels: Labels.of({ [METRIC_NAME]: 'shop.requests', 'http.status:code': '200', job: 'shop' }),
  times: Float64Array.of(endMs - 30_000),
  values: Float64Array.of(7),
}

let collector: Ours

beforeAll(async () => {
  const application = applicationSeries(endMs - COUNT * EVERY_MS, COUNT)
  collector = await startOurs(recordedBodies(), [...application, DOTTED], endMs)
})
afterAll(() => collector[Symbol.asyncDispose]())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const YEAR_S = 31_536_000
/** The times of a request, as if it had been recorded when the run of the agent ended; it has ms as well. */
const shifted = (text: string): string =>
  text.replaceAll(/(?<=\b(?:start|end|time)=)[\d.]+/g, (time) => {
    if (Number(time) < YEAR_S) return time
    const unitMs = Number(time) > RECORDED_MS / 10 ? 1 : 1_000
    return String((Math.round(Number(time) * unitMs) + endMs - RECORDED_MS) / unitMs)
  })

const send = async ({ method, address, form, headers }: GrafanaRequest): Promise<Response> =>
  await fetch(collector.url + shifted(address), {
    method,
    headers: { ...headers, 'accept-encoding': 'gzip', ...(method === 'POST' && FORM) },
    ...(form !== undefined && { body: shifted(form) }),
  })

/** One after the other, as they were sent. */
async function answersTo(what: string): Promise<Read[]> {
  const answers: Read[] = []
  for (const request of recorded.get(what)!) {
    const response = await send(request)
    const read = readAnswer(await response.text())
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/)
    expect([what, response.ok]).toEqual([what, read.kind !== 'error'])
    answers.push(read)
  }
  return answers
}

const asked = new Set<string>()

/** As many are named one by one. */
const FEW = 8

/** In a line, what Grafana has then. */
function told(read: Read): string {
  switch (read.kind) {
    case 'error':
      return read.text
    case 'object': {
      const keys = Object.keys(read.of)
      return `object of ${keys.length <= FEW ? keys.join(' ') : 'many'}`
    }
    case 'list': {
      const items = read.items.map((item) =>
        typeof item === 'string' ? item : JSON.stringify(item),
      )
      const few = items.length <= FEW ? items.join(' ') : 'many'
      return [`list of ${items.length === 0 ? 'nothing' : few}`, ...read.notices].join('; ')
    }
    default:
      return [`${read.kind} of ${sizeOf(read)}`, ...read.notices].join('; ')
  }
}

function sizeOf({ kind, series }: Extract<Read, { readonly series: unknown }>): string {
  const [first] = series
  if (first === undefined) return 'nothing'
  if (kind === 'scalar') return String(first.values[0])
  const last = Math.max(...series.map(({ times }) => times.at(-1)!)) - endMs
  if (kind === 'vector') return `${series.length} at ${last}`
  const most = Math.max(...series.map(({ times }) => times.length))
  return `${series.length}, ${most <= FEW ? most : 'many'} steps to ${last}`
}

const f = (what: string, ...want: string[]) => {
  asked.add(what)
  test(`${what}: ${want.join(', ')}`, async () =>
    expect((await answersTo(what)).map(told)).toEqual(want))
}

describe('settings', () => {
  f(
    'save and test',
    'scalar of 2',
    'object of version revision branch buildUser buildDate goVersion',
  )
  f('a data source is opened', 'object of groups', 'list of nothing')
  f('the list of alert rules', 'object of groups', 'object of groups', 'object of alerts')
})

describe('what there is to choose', () => {
  f('the query editor is opened', 'list of many', 'object of many', 'list of many')
  f('label names of a metric', 'list of __name__ cpu instance job mode')
  f('label values of a metric', 'list of idle iowait irq nice softirq steal system user')
  f(
    'label values, no more than',
    'list of blinks build_info c_total; results truncated due to limit',
  )
  f('values of a label with a dot', 'list of 200')
  f('completion of a metric name', 'list of node_load1 node_load15 node_load5')
  f('lists out of series', 'list of many', 'list of many')
  f('by GET, label names', 'list of __name__ instance job')
  f('ad hoc filters: names', 'list of __name__ cpu instance job mode')
  f(
    'ad hoc filters: values beside others',
    'list of idle iowait irq nice softirq steal system user',
  )
  f('suggestions within a scope', 'list of idle iowait irq nice softirq steal system user')
  f('suggestions of names within a scope', 'list of many')
})

describe('variables', () => {
  f('variable label_names(metric)', 'list of __name__ cpu instance job mode')
  f('variable metrics(regexp)', 'list of node_load1 node_load15 node_load5')
  f('variable query_result(expression)', 'vector of 2 at 0')
  f('variable query_result(scalar)', 'scalar of 1')
  f(
    'variable that is a selector',
    'list of {"__name__":"node_load1","instance":"vm","job":"candor"}',
  )
  f('variable job of the dashboards', 'list of candor')
  f('variable instance of the dashboards, of all jobs', 'list of vm')
  f('variable instance of the dashboards, of chosen jobs', 'list of vm')
})

describe('panels', () => {
  f('a panel of lines', 'matrix of 8, many steps to -5000')
  f('a panel with ad hoc filters', 'matrix of 4, many steps to -5000')
  f('a metric and a label whose names have dots', 'matrix of 1, 2 steps to -5000')
  f('a stat', 'vector of 1 at -345')
  f('Explore asks both at once', 'matrix of 1, many steps to -5000', 'vector of 1 at -345')
  f('a panel with exemplars', 'matrix of 1, many steps to -5000', 'list of nothing')
  f('a heatmap', 'matrix of 6, many steps to -5000')
  f('the whole range in one figure', 'vector of 1 at -345')
  f('a long range, by minutes', 'matrix of 1, many steps to -50000')
  f('a step of less than a second', 'matrix of 1, many steps to -200')
  f('a time zone of 5:45', 'matrix of 1, 1 steps to -710000')
  f('annotations', 'matrix of 1, many steps to -50000')
  f('an alert rule is evaluated', 'vector of 1 at 0')
  f(
    'an error of the query',
    'bad_data: invalid parameter "query": 1:6: parse error: expected type range vector in call to function "rate", got instant vector',
  )
  f('an empty answer', 'matrix of nothing')
  f(
    "by GET, with a timeout and parameters of one's own",
    'matrix of 1, many steps to -5000',
    'scalar of 2',
    'object of version revision branch buildUser buildDate goVersion',
  )
  f(
    "by POST, with parameters of one's own",
    'matrix of 1, many steps to -5000',
    'list of __name__ instance job',
  )
})

const SEARCH = 'search, which there is none'

test('search: what Grafana takes as a reason to ask for lists, which it is given', async () => {
  const [search, list, ...more] = recorded.get(SEARCH)!
  const response = await send(search!)
  expect([response.status, more]).toEqual([404, []])
  const answer = readAnswer(await (await send(list!)).text())
  expect(told(answer)).toBe('list of idle iowait irq nice softirq steal system user')
})

test('all that was recorded was sent', () => {
  expect(new Set(recorded.keys())).toEqual(new Set([...asked, SEARCH]))
})

test('it is a Prometheus of version 3: with features it would be taken for a Mimir', async () => {
  const [, info] = await answersTo('save and test')
  if (info?.kind !== 'object') throw new TypeError(info?.kind)
  expect(info.of).toMatchObject({ version: '3.0.0' })
  expect(Object.values(info.of).map(textOf)).toHaveLength(6)
})

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'info', 'stateset', 'unknown']

test('names are sorted and complete; of each the type is known', async () => {
  const [names, metadata, labels] = await answersTo('the query editor is opened')
  if (names?.kind !== 'list' || metadata?.kind !== 'object' || labels?.kind !== 'list') {
    throw new TypeError('other answers')
  }
  for (const { items } of [names, labels]) {
    const texts = items.map(textOf)
    expect(texts).toEqual(texts.toSorted())
  }
  expect(names.items).toEqual(
    expect.arrayContaining([
      'container_cpu_usage_seconds_total',
      'node_load1',
      'shop.requests',
      'up',
    ]),
  )
  expect(labels.items).toEqual(expect.arrayContaining(['http.status:code', 'instance', 'job']))
  for (const name of names.items.map(textOf).filter((each) => each !== 'up')) {
    expect([name, metadata.of[name]]).toEqual([
      name,
      [
        {
          type: expect.any(String) as string,
          help: expect.any(String) as string,
          unit: expect.any(String) as string,
        },
      ],
    ])
  }
  const types = Object.values(metadata.of).map((of) => (of as { type: string }[])[0]!.type)
  expect(types.filter((type) => !TYPES.includes(type))).toEqual([])
})

test('series are given with the values and times that were sent', async () => {
  const [read] = await answersTo('a metric and a label whose names have dots')
  expect(read).toMatchObject({
    series: [{ labels: { 'http.status:code': '200' }, values: [7, 7] }],
  })
  const [fine] = await answersTo('a step of less than a second')
  if (fine?.kind !== 'matrix') throw new TypeError(fine?.kind)
  expect(fine.series[0]!.times.slice(0, 3)).toEqual(
    [-60_200, -60_000, -59_800].map((ms) => endMs + ms),
  )
})

/** A pattern as PromQL has it in quotes. */
const escaped = (pattern: string) => pattern.replaceAll('\\', String.raw`\\`)

/** As Grafana writes what is chosen from a variable of many values. */
const chosen = (count: number) =>
  `(${Array.from({ length: count }, (_, i) => String.raw`host-${i}\.example\.internal`).join('|')}|vm)`

test('a list beside a variable of which hundreds are chosen', async () => {
  const asking = new URLSearchParams({
    'match[]': `node_boot_time_seconds{instance=~"${escaped(chosen(800))}"}`,
  })
  const response = await fetch(`${collector.url}/api/v1/label/instance/values?${asking.toString()}`)
  expect(told(readAnswer(await response.text()))).toBe('list of vm')
})

test('a panel of which hundreds of machines are chosen', async () => {
  const query = `node_load1{instance=~"${escaped(chosen(1_500))}"}`
  const body = new URLSearchParams({ query, time: String(endMs / 1_000) })
  const response = await fetch(`${collector.url}/api/v1/query`, { method: 'POST', body })
  expect(told(readAnswer(await response.text()))).toBe('vector of 1 at 0')
})

test('a label of a long name', async () => {
  const name = `label_${'app_kubernetes_io_'.repeat(20)}`
  const response = await fetch(`${collector.url}/api/v1/label/${name}/values`)
  expect(told(readAnswer(await response.text()))).toBe('list of nothing')
})

test('exemplars of what is no query, or at no time, are refused as those of a query', async () => {
  const about = async (form: Record<string, string>) => {
    const body = new URLSearchParams(form)
    const response = await fetch(`${collector.url}/api/v1/query_exemplars`, {
      method: 'POST',
      body,
    })
    return told(readAnswer(await response.text()))
  }
  expect(await about({ query: 'rate(' })).toMatch(
    /^bad_data: invalid parameter "query": 1:6: parse error/,
  )
  expect(await about({ query: 'up', start: 'soon' })).toMatch(
    /^bad_data: invalid parameter "start"/,
  )
})
