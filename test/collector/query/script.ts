/**
 * Scripts of evaluations, in the spirit of Prometheus' own: samples are loaded, expressions evaluated, and what
 * must come out stands below each. A line that starts with # is a comment.
 *
 *   load 30s                                  one sample each 30 s from 0 on, for each series below
 *     x_total{job="a"} 0+10x4 _ 7 NaN stale   0 10 20 30 40, none, 7, NaN, an end
 *   clear                                     forgets all samples
 *   eval instant at 5m EXPR                   below: NAME{LABELS} VALUE a line; a scalar is VALUE alone,
 *                                             a string is in quotes, a range is VALUE@SECONDS …
 *   eval range from 0 to 5m step 1m EXPR      below: NAME{LABELS} and a value a step, _ where there is none
 *   expect fail|warn|info TEXT                the error or a note that has the text in it
 *   expect ordered                            the series come in this order
 *
 * A value may be a fraction (1/3). What is not said is not there: no other series, no other note.
 */
import { readFileSync } from 'node:fs'
import { STALE_BITS, type SampleSeries } from '../../../collector/query/grid/grid.ts'
import { Labels, METRIC_NAME } from '../../../collector/query/grid/labels.ts'
import { parse } from '../../../collector/query/language/parse.ts'

export type Expected =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'series'; readonly labels: Labels; readonly values: readonly Value[] }

/** Undefined where there is none; with a time where that is not the time of a step. */
export type Value = { readonly value: number; readonly timeMs?: number } | undefined

export interface Case {
  /** File and line. */
  readonly where: string
  readonly expression: string
  readonly startMs: number
  readonly endMs: number
  /** Of a range query. */
  readonly stepMs?: number
  readonly series: readonly SampleSeries[]
  readonly expected: readonly Expected[]
  readonly isOrdered: boolean
  readonly fails?: string
  readonly warns: readonly string[]
  readonly infos: readonly string[]
}

const LOAD = /^load (\S+)$/
const EVAL = /^eval (?:instant at (\S+)|range from (\S+) to (\S+) step (\S+)) (.+)$/
const EXPECT = /^\s+expect (ordered|fail|warn|info)(?: (.+))?$/

export function readScript(path: string): Case[] {
  const cases: Case[] = []
  let series: SampleSeries[] = []
  let loadedMs: number | undefined
  let open: { -readonly [key in keyof Case]: Case[key] } | undefined
  const lines = readFileSync(path, 'utf8').split('\n')
  for (const [i, line] of lines.entries()) {
    const where = `${path.slice(path.lastIndexOf('/') + 1)}:${i + 1}`
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const evaluated = EVAL.exec(line)
    const expect = EXPECT.exec(line)
    if (line === 'clear') {
      series = []
      open = undefined
    } else if (LOAD.test(line)) {
      loadedMs = duration(LOAD.exec(line)![1]!)
      open = undefined
    } else if (evaluated !== null) {
      const [, at, from, to, step, expression] = evaluated
      open = {
        where,
        expression: expression!,
        startMs: duration(at ?? from!),
        endMs: duration(at ?? to!),
        ...(step === undefined ? {} : { stepMs: duration(step) }),
        series,
        expected: [],
        isOrdered: false,
        warns: [],
        infos: [],
      }
      cases.push(open)
    } else if (expect !== null && open !== undefined) {
      const [, what, text = ''] = expect
      if (what === 'ordered') open.isOrdered = true
      else if (what === 'fail') open.fails = text
      else if (what === 'warn') open.warns = [...open.warns, text]
      else open.infos = [...open.infos, text]
    } else if (line.startsWith('  ') && open !== undefined) {
      open.expected = [...open.expected, expectation(line.trim())]
    } else if (line.startsWith('  ') && loadedMs !== undefined) {
      series = [...series, loaded(line.trim(), loadedMs)]
    } else throw new SyntaxError(`${where}: ${line}`)
  }
  return cases
}

function expectation(line: string): Expected {
  if (line.startsWith('"')) return { kind: 'string', text: JSON.parse(line) as string }
  if (/^[-+.\dNI]\S*$/.test(line) && !line.includes('{')) {
    return { kind: 'scalar', value: number(line) }
  }
  const { labels, rest } = described(line)
  const values = rest.map((word): Value => {
    if (word === '_') return undefined
    const [value = '', seconds] = word.split('@')
    if (seconds === undefined) return { value: number(value) }
    return { value: number(value), timeMs: Number(seconds) * 1000 }
  })
  return { kind: 'series', labels, values }
}

/** A series with samples at multiples of the step. */
function loaded(line: string, stepMs: number): SampleSeries {
  const { labels, rest } = described(line)
  const values = rest.flatMap(expanded)
  const kept = [...values.entries()].filter(([, value]) => value !== undefined)
  const times = Float64Array.from(kept, ([i]) => i * stepMs)
  const found = new Float64Array(kept.length)
  const bits = new BigUint64Array(found.buffer)
  for (const [i, [, value]] of kept.entries()) {
    if (value === 'stale') bits[i] = STALE_BITS
    else found[i] = value!
  }
  return { labels, times, values: found }
}

type Loaded = number | 'stale' | undefined

const REPEATED = /^(.+?)x(\d+)$/
const GROWING = /^([-+]?[\d.]+(?:e[-+]?\d+)?)([-+][\d.]+(?:e[-+]?\d+)?)$/

function expanded(word: string): Loaded[] {
  const repeated = REPEATED.exec(word)
  const [, what = word, times = '0'] = repeated ?? []
  const count = Number(times)
  if (what === '_') return Array.from({ length: repeated === null ? 1 : count }, () => undefined)
  if (what === 'stale') return ['stale']
  const growing = GROWING.exec(what)
  const start = number(growing?.[1] ?? what)
  const by = growing === null ? 0 : Number(growing[2])
  return Array.from({ length: count + 1 }, (_, i) => start + i * by)
}

function described(line: string): { labels: Labels; rest: string[] } {
  const brace = /^[\w:]*\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/.exec(line)?.[0]
  const text = brace ?? line.slice(0, line.indexOf(' '))
  const rest = line.slice(text.length).trim().split(/\s+/)
  if (text === '{}') return { labels: Labels.NONE, rest }
  const selector = parse(text)
  if (selector.kind !== 'selector') throw new SyntaxError(line)
  const labels = selector.matchers.map(({ label, value }) => [label, value] as const)
  const name = selector.name === undefined ? [] : [[METRIC_NAME, selector.name] as const]
  return { labels: Labels.of([...name, ...labels]), rest }
}

function number(text: string): number {
  const [over = '', under] = text.split('/')
  if (under !== undefined) return number(over) / number(under)
  if (/^[-+]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (text === 'NaN') return Number.NaN
  const value = Number(text)
  if (Number.isNaN(value) || text === '') throw new SyntaxError(`no number: ${text}`)
  return value
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function duration(text: string): number {
  if (/^-?[\d.]+$/.test(text)) return Number(text) * 1000
  let total = 0
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    total += Number(count) * UNITS[unit!]!
  }
  return text.startsWith('-') ? -total : total
}
