/** What two answers to one expression have apart, in words; nothing where they agree. */
import type { Answer, Result } from './sides.ts'

const CLOSE = 1e-9

/** Whether two values that are not close are nevertheless as they should be. */
export type Accepts = (ours: number, theirs: number) => boolean

/** Texts of values by labels and time. */
type Values = ReadonlyMap<string, ReadonlyMap<number, string>>

export function apart(ours: Answer, theirs: Answer, accepts?: Accepts): string | undefined {
  const said = `ours: ${saidOf(ours)} · theirs: ${saidOf(theirs)}`
  if (ours.status !== theirs.status) return said
  if (ours.status === 'error') return ours.errorType === theirs.errorType ? undefined : said
  const [a, b] = [ours.data!, theirs.data!]
  if (a.resultType !== b.resultType) return said
  if (a.resultType === 'string') return a.result[1] === b.result[1] ? undefined : said
  const [x, y] = [valuesOf(a), valuesOf(b)]
  return x === undefined || y === undefined
    ? `labels come twice, ${said}`
    : differing(x, y, accepts)
}

export const isEmpty = ({ data }: Answer): boolean =>
  data === undefined ||
  ((data.resultType === 'vector' || data.resultType === 'matrix') && data.result.length === 0)

const saidOf = (answer: Answer): string =>
  answer.status === 'error'
    ? `${answer.errorType}: ${answer.error}`
    : JSON.stringify(answer.data).slice(0, 300)

/** Undefined where two series have the same labels. */
function valuesOf(data: Result): Values | undefined {
  switch (data.resultType) {
    case 'vector': {
      const all = new Map(data.result.map(({ metric, value }) => [keyOf(metric), new Map([value])]))
      return all.size === data.result.length ? all : undefined
    }
    case 'matrix': {
      const all = new Map(data.result.map(({ metric, values }) => [keyOf(metric), new Map(values)]))
      return all.size === data.result.length ? all : undefined
    }
    default:
      return new Map([['', new Map([data.result])]])
  }
}

const keyOf = (metric: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)))

function differing(ours: Values, theirs: Values, accepts: Accepts | undefined): string | undefined {
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [our, their] = [ours.get(key), theirs.get(key)]
    if (our === undefined || their === undefined) {
      return `only ${our === undefined ? 'they' : 'we'} have ${key} ${shown((our ?? their)!)}`
    }
    for (const seconds of new Set([...our.keys(), ...their.keys()])) {
      const [x, y] = [our.get(seconds), their.get(seconds)]
      if (x !== undefined && y !== undefined) {
        if (isClose(x, y) || accepts?.(numberOf(x), numberOf(y)) === true) continue
      }
      return `${key} at ${seconds}: ${x ?? 'nothing'} is ours, ${y ?? 'nothing'} theirs`
    }
  }
  return undefined
}

const shown = (values: ReadonlyMap<number, string>): string => {
  const [[seconds, value] = []] = values
  return `(${values.size}; ${value} at ${seconds})`
}

function isClose(x: string, y: string): boolean {
  if (x === y) return true
  const [a, b] = [numberOf(x), numberOf(y)]
  return Math.abs(a - b) <= CLOSE * Math.max(Math.abs(a), Math.abs(b))
}

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

/** Whether what sorts gave its values in one order; who is first among equals is open. */
export function isSameOrder(ours: Answer, theirs: Answer): boolean {
  if (ours.data?.resultType !== 'vector' || theirs.data?.resultType !== 'vector') return true
  const other = theirs.data.result
  return ours.data.result.every(({ value }, i) => isClose(value[1], other[i]!.value[1]))
}
