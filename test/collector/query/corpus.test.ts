/**
 * Runs the scripts below corpus/. Each instant evaluation is also a step of a range, and each step of a range an
 * instant evaluation: both must agree to the bit, whether the source answers with samples or computes.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { QueryAnswer } from '../../../collector/query/answer.ts'
import { instantQuery, rangeQuery } from '../../../collector/query/engine.ts'
import { compareLabels, type Labels } from '../../../collector/query/grid/labels.ts'
import type { LeafSource } from '../../../collector/query/leaf.ts'
import { QueryError } from '../../../collector/query/query-error.ts'
import { computingSource, samplesSource } from './memory-source.ts'
import { readScript, type Case, type Expected } from './script.ts'

const FOLDER = `${import.meta.dirname}/corpus`
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.promtest'))
const cases = new Map(scripts.map((name) => [name, readScript(`${FOLDER}/${name}`)]))

const SOURCES = [
  ['samples', samplesSource],
  ['values', computingSource],
] as const

describe.each(SOURCES)('a source of %s', (_, sourceOf) => {
  describe.each([...cases])('%s', (_, all) => {
    test.each(all.map((one) => [`${one.where} ${one.expression}`, one] as const))(
      '%s',
      async (_, one) => {
        const source = sourceOf(one.series)
        const outcome = await outcomeOf(one, source)
        const wanted = wantedOf(one)
        expect(asNear(outcome, wanted)).toEqual(wanted)
        expect(await disagreements(one, outcome, source)).toEqual([])
      },
    )
  })
})

test('there are as many evaluations as a language needs', () => {
  expect([...cases.values()].flat().length).toBeGreaterThanOrEqual(600)
})

interface Outcome {
  readonly fails?: string
  readonly warns: readonly string[]
  readonly infos: readonly string[]
  /** Of a string or a scalar; the points of a scalar are those of its one series. */
  readonly type?: string
  readonly series: readonly Found[]
}

interface Found {
  readonly labels: Labels | string
  /** Unix ms and value. */
  readonly points: readonly (readonly [number, number])[]
}

async function outcomeOf(one: Case, source: LeafSource): Promise<Outcome> {
  const { expression, startMs, endMs, stepMs, isOrdered } = one
  try {
    const answer =
      stepMs === undefined
        ? await instantQuery(expression, startMs, source)
        : await rangeQuery(expression, { startMs, endMs, stepMs }, source)
    const isInOrder = isOrdered || answer.value.type === 'matrix'
    const series = isInOrder ? found(answer) : sorted(found(answer))
    return { warns: answer.warnings, infos: answer.infos, series }
  } catch (error) {
    if (error instanceof QueryError) {
      return { fails: error.message, warns: [], infos: [], series: [] }
    }
    throw error
  }
}

function found({ value }: QueryAnswer): readonly Found[] {
  switch (value.type) {
    case 'scalar':
      return [{ labels: 'scalar', points: [value.point] }]
    case 'string':
      return [{ labels: value.text, points: [] }]
    case 'vector':
      return value.samples.map(({ labels, point }) => ({ labels, points: [point] }))
    case 'matrix':
      return value.series.map(({ labels, times, values }) => ({
        labels,
        points: Array.from(times, (time, i) => [time, values[i]!] as const),
      }))
  }
}

const sorted = (series: readonly Found[]): readonly Found[] =>
  series.toSorted(({ labels: a }, { labels: b }) =>
    typeof a === 'string' || typeof b === 'string' ? 0 : compareLabels(a, b),
  )

function wantedOf(one: Case): Outcome {
  const series = one.expected.map((expected) => wantedSeries(expected, one))
  return {
    ...(one.fails === undefined ? {} : { fails: one.fails }),
    warns: one.warns,
    infos: one.infos,
    series: one.isOrdered ? series : sorted(series),
  }
}

function wantedSeries(expected: Expected, { startMs, stepMs = 0 }: Case): Found {
  if (expected.kind === 'string') return { labels: expected.text, points: [] }
  if (expected.kind === 'scalar') return { labels: 'scalar', points: [[startMs, expected.value]] }
  const points = expected.values.flatMap((value, i) =>
    value === undefined ? [] : [[value.timeMs ?? startMs + i * stepMs, value.value] as const],
  )
  return { labels: expected.labels, points }
}

/** With what is wanted in place of a text that has it in it, and of a value that is as good as it. */
function asNear(outcome: Outcome, wanted: Outcome): Outcome {
  const texts = (have: readonly string[], want: readonly string[]) =>
    have.map((text, i) => (text.includes(want[i] ?? '\0') ? want[i]! : text))
  const series = outcome.series.map((one, i) => ({
    labels: one.labels,
    points: one.points.map(
      ([time, value], k) => [time, near(value, wanted.series[i]?.points[k]?.[1])] as const,
    ),
  }))
  return {
    ...(outcome.fails === undefined
      ? {}
      : { fails: texts([outcome.fails], [wanted.fails ?? '\0'])[0]! }),
    warns: texts(outcome.warns, wanted.warns),
    infos: texts(outcome.infos, wanted.infos),
    series,
  }
}

const NEAR = 1e-12

function near(value: number, want: number | undefined): number {
  if (want === undefined) return value
  return Math.abs(value - want) <= NEAR * Math.abs(want) ? want : value + 0
}

/** What start() and end() mean depends on the range. */
const DEPENDS_ON_RANGE = /@ (start|end)\(\)/
const AROUND_MS = 45_000
const AROUND_STEPS = 3

/** Times at which the answers as an instant and as a step of a range differ. */
async function disagreements(
  { expression, startMs, endMs, stepMs, expected }: Case,
  outcome: Outcome,
  source: LeafSource,
): Promise<number[]> {
  if (outcome.fails !== undefined || DEPENDS_ON_RANGE.test(expression)) return []
  if (stepMs === undefined) {
    const [first] = expected
    const isVector = first?.kind === 'series' && first.values[0]?.timeMs === undefined
    if (!isVector) return []
    const reach = AROUND_STEPS * AROUND_MS
    const grid = { startMs: startMs - reach, endMs: startMs + reach, stepMs: AROUND_MS }
    const range = await rangeQuery(expression, grid, source)
    return at(found(range), startMs) === at(outcome.series, startMs) ? [] : [startMs]
  }
  const times: number[] = []
  for (let timeMs = startMs; timeMs <= endMs; timeMs += stepMs) {
    const instant = found(await instantQuery(expression, timeMs, source))
    if (at(instant, timeMs) !== at(outcome.series, timeMs)) times.push(timeMs)
  }
  return times
}

/** Of every series the labels and the value at that time, as a text. */
function at(series: readonly Found[], timeMs: number): string {
  return series
    .flatMap(({ labels, points }) => {
      const point = points.find(([time]) => time === timeMs)
      const key = typeof labels === 'string' ? '' : labels.key
      return point === undefined ? [] : [`${key} ${point[1]}`]
    })
    .toSorted()
    .join('\n')
}
