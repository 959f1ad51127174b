/**
 * The same samples in our store and in a real Prometheus 2.42: both give the same series and values for every
 * expression. No sample lies where a window begins, as the two have different ends there; what else is apart
 * stands in oracle/exceptions.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SampleSeries, STALE_BITS } from '../../../collector/query/grid/grid.ts'
import { METRIC_NAME, Labels } from '../../../collector/query/grid/labels.ts'
import { agentTables } from '../../../catalog/tables/machine-agent.ts'
import { needs } from '../../peers/peers.ts'
import { readExposition } from '../../read-exposition.ts'
import { applicationSeries, PHASE_MS } from './oracle/application.ts'
import { type Accepts, apart, isEmpty, isSameOrder } from './oracle/compare.ts'
import { exceptionsAt } from './oracle/exceptions.ts'
import { generatedExpressions } from './oracle/generated.ts'
import { productExpressions, subjects } from './oracle/product.ts'
import { RECORDED, recordedBodies, recordedPage } from './oracle/recording.ts'
import { bitsOf } from './oracle/remote-write.ts'
import { type Sides, startSides } from './oracle/sides.ts'
import { writtenExpressions } from './oracle/written.ts'

const LONG = process.env['LONG'] === '1'
const GENERATED = LONG ? 1_500 : 40
const LEAST = 300

/** Application series have so many samples, the last of them when the recording ends. */
const COUNT = 180
const EVERY_MS = 15_000
const { endMs, instance } = RECORDED
const fromMs = endMs - COUNT * EVERY_MS
const sampleSeconds = (n: number) => (fromMs + n * EVERY_MS + PHASE_MS) / 1_000

/** Of whole seconds, where neither side has a sample. */
const OFF_MS = 791
const seconds = (beforeMs: number) => (endMs - beforeMs + OFF_MS) / 1_000
/** Before it a container ended and another was started anew. */
const at = seconds(130_000)
const range = { start: String(at - 240), end: String(at + 129.5), step: '37' }
const AT_ONCE = 4

const exceptions = exceptionsAt(sampleSeconds(140), sampleSeconds(150))
const application = applicationSeries(fromMs, COUNT)
const asked = new Set<string>()
const found = { empty: 0, failed: 0 }

let sides: Sides

/** What is apart, as an instant and as a range. */
async function differences(
  text: string,
  theirText = text,
  accepts = acceptedOf(text),
): Promise<string[]> {
  const all: string[] = []
  for (const [path, times] of [
    ['query', { time: String(at) }],
    ['query_range', range],
  ] as const) {
    const [ours, pushing, theirs] = await Promise.all([
      sides.ours.ask(path, { query: text, ...times }),
      sides.pushing.ask(path, { query: text, ...times }),
      sides.theirs.ask(path, { query: theirText, ...times }),
    ])
    if (theirs.status === 'error') found.failed += 1
    else if (isEmpty(theirs)) found.empty += 1
    const isSorted = !SORTED.test(text) || isSameOrder(ours, theirs)
    const difference = apart(ours, theirs, accepts) ?? (isSorted ? undefined : 'another order')
    if (difference !== undefined) all.push(`${path} of ${text}\n${difference}`)
    const pushed = apart(pushing, theirs, accepts)
    if (pushed !== undefined) all.push(`${path} of ${text}, by the store\n${pushed}`)
  }
  return all
}

/** What a version apart has to do with an expression. */
const acceptedOf = (text: string): Accepts => {
  const among = exceptions.flatMap((each) => each.among ?? [])
  const about = among.filter((each) => each.about.test(text))
  return (ours, theirs) => about.some(({ accepts }) => accepts(ours, theirs))
}
const nothingElse: Accepts = () => false

const SORTED = /^(?:sort|(?:topk|bottomk) ?\()/

/** Of all expressions, some of them at a time. */
async function differencesOf(texts: readonly string[]): Promise<string[]> {
  const rest = [...new Set(texts)].filter((text) => !asked.has(text))
  for (const text of rest) asked.add(text)
  const all: string[] = []
  const work = async () => {
    for (let text = rest.pop(); text !== undefined; text = rest.pop()) {
      all.push(...(await differences(text)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return all
}

describe.skipIf(needs('prometheus'))('Prometheus 2.42', () => {
  beforeAll(async () => {
    sides = await startSides(recordedBodies(), application, endMs + 60_000)
  })
  afterAll(() => sides[Symbol.asyncDispose]())

  test('no sample lies where a window may begin', () => {
    const phases = new Set(sides.samples.flatMap(({ times }) => [...times].map((ms) => ms % 1_000)))
    expect(phases).not.toContain(OFF_MS)
    expect(phases).not.toContain(0)
  })

  test('our store has what applications sent, bit by bit', () => {
    const stored = byLabels(sides.samples, (labels) => labels)
    for (const { labels, times, values } of application) {
      const its = stored.get(labels.key)
      expect(its?.times).toEqual(times)
      expect([...bitsOf(its!.values)].map(isMark)).toEqual([...bitsOf(values)].map(isMark))
      expect([...its!.values]).toEqual([...values])
    }
  })

  test('our store has the names, labels and values that a scrape of the agent would find', () => {
    const stored = byLabels(sides.samples, (labels) => labels.without(new Set(['job', 'instance'])))
    const wrong: string[] = []
    const page = [...readExposition(recordedPage())]
    for (const [series, { name, labels, value }] of page) {
      const its = stored.get(Labels.of({ ...labels, [METRIC_NAME]: name }).key)
      if (its === undefined || (its.values.at(-1) !== value && !MOVING.has(name)))
        wrong.push(`${series} ${value} ${its?.values.at(-1)}`)
    }
    expect(wrong).toEqual([])
    expect(page.length).toBeGreaterThan(500)
    expect(page.filter(([, { name }]) => OF_AGENT.has(name)).length).toBeGreaterThan(20)
  })

  test('answers all that dashboards, alert rules and SLOs ask as we do', async () => {
    expect(await differencesOf(productExpressions(instance))).toEqual([])
  })

  test('what agent and collector say of themselves has the job and an instance of its own', () => {
    const given = (name: RegExp) =>
      new Set(
        sides.samples
          .filter(({ labels }) => name.test(labels.get(METRIC_NAME) ?? ''))
          .map(({ labels }) => `${labels.get('job')} ${labels.get('instance')}`),
      )
    expect(given(/^(?:candor_agent_|process_)/)).toEqual(new Set([`candor ${instance}`]))
    expect(given(/^candor_(?:collector|store)_/)).toEqual(new Set([`candor ${instance}:9791`]))
  })

  test('dashboards and alerts have something to say but of what this machine has not', async () => {
    const empty: string[] = []
    for (const text of subjects()) {
      if (isEmpty(await sides.ours.ask('query', { query: text, time: String(at) })))
        empty.push(text)
    }
    expect(empty).toEqual(NOT_HERE)
  })

  test.each(Object.entries(writtenExpressions(seconds(200_000))))(
    'answers as we do: %s',
    async (_, texts) => {
      expect(await differencesOf(texts)).toEqual([])
    },
  )

  test('answers generated expressions as we do', async () => {
    const texts = generatedExpressions(seconds(200_000), GENERATED, 20_261_121)
    expect(await differencesOf(texts)).toEqual([])
  })

  test.each(exceptions)('is of another version: $reason', async ({ among, cases }) => {
    for (const { text, instead } of cases) {
      expect(await differences(text, text, nothingElse), text).not.toEqual([])
      const isTold = instead !== undefined || among !== undefined
      expect(isTold ? await differences(text, instead) : [], text).toEqual([])
    }
  })

  test('was asked enough, and had mostly something to say', () => {
    const { empty, failed } = found
    const all = 2 * asked.size
    console.log(
      `${asked.size} expressions, each at a time and over a range: ${all - empty - failed} answers with series, ${empty} empty, ${failed} errors`,
    )
    expect(asked.size).toBeGreaterThanOrEqual(LEAST)
    expect(all - empty - failed).toBeGreaterThan(all / 2)
  })
})

/** No program that tells systemd keeps its clock. */
const NOT_HERE = ['time() - candor_machine_clock_synchronized_timestamp_seconds']

const namesOf = (tables: typeof agentTables): ReadonlySet<string> =>
  new Set(tables.flatMap(({ metrics }) => metrics.map(({ prom }) => prom)))
const OF_AGENT = namesOf(agentTables)
/** What is shipped once a minute is another by the time of the page. */
const MOVING = namesOf(agentTables.filter(({ slow }) => slow === true))

const isMark = (bits: bigint) => bits === STALE_BITS

function byLabels(
  all: readonly SampleSeries[],
  of: (labels: Labels) => Labels,
): ReadonlyMap<string, SampleSeries> {
  return new Map(all.map((series) => [of(series.labels).key, series]))
}
