/**
 * Another exporter's pages against ours, name by name, label by label, value by value. Pure.
 *
 * Both read the same kernel at different instants. So ours are taken before and after each of theirs,
 * and theirs agrees when it lies between the two, give or take one tick or 1 %. A counter must agree
 * each time, a gauge once: it may jump within a reading.
 */
import { departureOf, departureOfFigures, departureOfSeries } from '../catalog/compatibility.ts'
import type { Departure } from '../catalog/departures.ts'
import {
  type FamilyType,
  type ParsedFamily,
  type ParsedSample,
  seriesKey,
} from '../wire/parse-exposition.ts'

export interface Page {
  /** Unix ms before and after it was read. */
  readonly fromMs: number
  readonly toMs: number
  readonly families: readonly ParsedFamily[]
}

export interface FamilyNote {
  readonly name: string
  readonly type: FamilyType
  readonly series: number
}

export interface Difference {
  readonly series: string
  /** `value`, or the labels that are not the same. */
  readonly what: string
  readonly theirs: string
  readonly ours: string
}

export interface Comparison {
  readonly theirFamilies: number
  readonly sharedFamilies: number
  /** Theirs, that we have not and no departure explains. */
  readonly missing: readonly FamilyNote[]
  /** Theirs, that we have under another name. */
  readonly renamed: readonly (FamilyNote & { readonly departure: Departure })[]
  /** Theirs, that we leave out for a reason. */
  readonly explained: readonly (FamilyNote & { readonly departure: Departure })[]
  readonly extra: readonly FamilyNote[]
  /** Families of the same name whose types are not the same. */
  readonly types: readonly Difference[]
  /** Theirs in shared families, without a series of ours. */
  readonly missingSeries: readonly string[]
  /** Those of them that a departure explains. */
  readonly explainedSeries: readonly { readonly series: string; readonly departure: Departure }[]
  readonly different: readonly Difference[]
  /** Series that were compared, and those of them that agree. */
  readonly compared: number
  readonly equal: number
}

/** One tick of USER_HZ, in seconds; for counts it is nothing. */
const TICK = 0.01
const SHARE = 0.01

/** Labels that say whose a series is: they are compared, a series is not found by them. */
const IDENTITY: readonly string[] = ['name', 'image', 'namespace', 'pod', 'container']
/** What an engine was told about a container; ours are on candor_container_info. */
const FOREIGN = /^container_(?:label|env)_/

interface Indexed {
  readonly fromMs: number
  readonly toMs: number
  readonly samples: ReadonlyMap<string, ParsedSample>
  readonly byName: ReadonlyMap<string, readonly ParsedSample[]>
}

/** `theirs` and `ours` in the order of time; each of theirs has one of ours before and behind it. */
export function comparePages(theirs: readonly Page[], ours: readonly Page[]): Comparison {
  const theirFamilies = byName(theirs)
  const ourFamilies = byName(ours)
  const shared = [...theirFamilies.keys()].filter((name) => ourFamilies.has(name))
  const notShared = [...theirFamilies.values()].filter(({ name }) => !ourFamilies.has(name))
  const noted = notShared.map((family) => ({
    ...note(family),
    departure: explanationOf(family),
  }))
  const series = compareSeries(theirs, ours, new Set(shared.filter(isCompared)))
  return {
    theirFamilies: theirFamilies.size,
    sharedFamilies: shared.length,
    missing: noted
      .filter(({ departure }) => departure === undefined)
      .map(({ name, type, series: count }) => ({ name, type, series: count })),
    renamed: noted.flatMap((one) =>
      one.departure?.instead ? [{ ...one, departure: one.departure }] : [],
    ),
    explained: noted.flatMap((one) =>
      one.departure !== undefined && one.departure.instead === undefined
        ? [{ ...one, departure: one.departure }]
        : [],
    ),
    extra: [...ourFamilies.values()].filter(({ name }) => !theirFamilies.has(name)).map(note),
    types: shared
      .map((name) => [theirFamilies.get(name)!, ourFamilies.get(name)!] as const)
      .filter(([their, our]) => their.type !== our.type)
      .map(([their, our]) => ({
        series: their.name,
        what: 'type',
        theirs: their.type,
        ours: our.type,
      })),
    ...series,
  }
}

/** Whether anything is not as people who come from the other exporter expect it. */
export const isDifferent = ({ missing, types, missingSeries, different }: Comparison): boolean =>
  missing.length + types.length + missingSeries.length + different.length > 0

/** Of the whole family, or of each series in it. */
function explanationOf({ name, samples }: ParsedFamily): Departure | undefined {
  const whole = departureOf(name)
  if (whole !== undefined) return whole
  const each = samples.map(({ labels, value }) => departureOfSeries(name, labels, value))
  return each.every((one) => one !== undefined) ? each.at(-1) : undefined
}

/** What is there in both but speaks of each exporter itself is not compared. */
const isCompared = (name: string): boolean => departureOf(name) === undefined

function byName(pages: readonly Page[]): ReadonlyMap<string, ParsedFamily> {
  const found = new Map<string, ParsedFamily>()
  for (const { families } of pages) {
    for (const family of families) {
      if (family.samples.length > 0 && !found.has(family.name)) found.set(family.name, family)
    }
  }
  return found
}

const note = ({ name, type, samples }: ParsedFamily): FamilyNote => ({
  name,
  type,
  series: samples.length,
})

type SeriesComparison = Pick<
  Comparison,
  'missingSeries' | 'explainedSeries' | 'different' | 'compared' | 'equal'
>

function compareSeries(
  theirs: readonly Page[],
  ours: readonly Page[],
  names: ReadonlySet<string>,
): SeriesComparison {
  const theirPages = theirs.map((page) => index(page, names))
  const ourPages = ours.map((page) => index(page, names))
  const types = new Map(theirs.flatMap(({ families }) => families.map((f) => [f.name, f.type])))
  const missingSeries: string[] = []
  const explainedSeries: Comparison['explainedSeries'][number][] = []
  const different: Difference[] = []
  let compared = 0
  // What was not there all the time came or went between two readings.
  const keys = [...theirPages[0]!.samples.keys()].filter((key) =>
    theirPages.every(({ samples }) => samples.has(key)),
  )
  for (const key of keys) {
    const judged = theirPages.map((page) => judge(key, page, ourPages))
    const { name, labels, value } = theirPages[0]!.samples.get(key)!
    if (judged.every((one) => one === 'missing')) {
      const departure = departureOfSeries(name, labels, value)
      if (departure === undefined) missingSeries.push(key)
      else explainedSeries.push({ series: key, departure })
      continue
    }
    const answers = judged.filter((one) => one !== 'missing' && one !== 'unknown')
    if (answers.length === 0) continue
    const isCounter = types.get(name) === 'counter'
    const wrong = answers.filter((one) => one !== 'equal')
    const agrees = isCounter ? wrong.length === 0 : wrong.length < answers.length
    const isFigure = wrong.every(({ what }) => what === 'value')
    const departure = agrees || !isFigure ? undefined : departureOfFigures(name)
    if (departure !== undefined) {
      explainedSeries.push({ series: key, departure })
      continue
    }
    compared += 1
    if (!agrees) different.push(wrong[0]!)
  }
  return { missingSeries, explainedSeries, different, compared, equal: compared - different.length }
}

/** Series by what finds them: the name and all labels but those of identity. */
function index({ fromMs, toMs, families }: Page, names: ReadonlySet<string>): Indexed {
  const samples = new Map<string, ParsedSample>()
  for (const family of families) {
    if (!names.has(family.name)) continue
    for (const sample of family.samples) {
      samples.set(seriesKey(sample.name, sample.labels.filter(isFinding(sample))), sample)
    }
  }
  const byName = Map.groupBy(samples.values(), ({ name }) => name)
  return { fromMs, toMs, samples, byName }
}

/** Only series of containers have an identity beside their own labels. */
function isFinding({ labels }: ParsedSample) {
  const ofContainer = labels.some(([label]) => label === 'id')
  return ([label]: readonly [string, string]) =>
    !ofContainer || !(IDENTITY.includes(label) || FOREIGN.test(label))
}

function judge(
  key: string,
  page: Indexed,
  ours: readonly Indexed[],
): 'missing' | 'unknown' | 'equal' | Difference {
  const sample = page.samples.get(key)!
  const fromMs = sample.timestampMs ?? page.fromMs
  const toMs = sample.timestampMs ?? page.toMs
  const before = ours.findLast((one) => one.toMs <= fromMs)
  const after = ours.find((one) => one.fromMs >= toMs)
  if (before === undefined || after === undefined) return 'unknown'
  const first = before.samples.get(key) ?? withMoreLabels(sample, before)
  const last = after.samples.get(key) ?? withMoreLabels(sample, after)
  if (first === undefined || last === undefined) return 'missing'
  const labels = otherLabels(sample, last)
  if (labels !== undefined) return { series: key, ...labels }
  if (isBetween(sample.value, first.value, last.value)) return 'equal'
  return {
    series: key,
    what: 'value',
    theirs: String(sample.value),
    ours: first.value === last.value ? String(last.value) : `${first.value} … ${last.value}`,
  }
}

/** The one series of ours that says all that theirs says, and more: a selector of theirs finds it. */
function withMoreLabels(theirs: ParsedSample, ours: Indexed): ParsedSample | undefined {
  const found = (ours.byName.get(theirs.name) ?? []).filter(({ labels }) =>
    theirs.labels.every(([label, value]) =>
      labels.some(([name, text]) => name === label && text === value),
    ),
  )
  return found.length === 1 ? found[0] : undefined
}

function otherLabels(
  theirs: ParsedSample,
  ours: ParsedSample,
): Omit<Difference, 'series'> | undefined {
  const text = (sample: ParsedSample, label: string) =>
    sample.labels.find(([name]) => name === label)?.[1] ?? ''
  const wrong = IDENTITY.filter((label) => text(theirs, label) !== text(ours, label))
  if (wrong.length === 0) return undefined
  const print = (sample: ParsedSample) =>
    wrong.map((label) => `${label}=${JSON.stringify(text(sample, label))}`).join(' ')
  return { what: wrong.join(', '), theirs: print(theirs), ours: print(ours) }
}

function isBetween(value: number, a: number, b: number): boolean {
  if (Number.isNaN(value)) return Number.isNaN(a) || Number.isNaN(b)
  if (value === a || value === b) return true
  const tolerance = Math.max(TICK, Math.abs(value) * SHARE)
  return value >= Math.min(a, b) - tolerance && value <= Math.max(a, b) + tolerance
}
