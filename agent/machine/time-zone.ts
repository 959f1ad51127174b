/**
 * Offset and abbreviation of a time zone at one time, from the zone's own file.
 *
 * Source: tzfile(5), RFC 9636: a header and transitions of 32 bits, the same of 64 bits, and a line with
 *         the rule for all times behind the last transition: `CET-1CEST,M3.5.0,M10.5.0/3`, tzset(3)
 *
 * Node.js would tell most of it, for 20 MiB of memory that the library behind it takes.
 */

export interface Zone {
  readonly offsetSeconds: number
  /** `CET`; `+03` where people have no name for it. */
  readonly abbreviation: string
}

const HEADER_BYTES = 44
const TYPE_BYTES = 6
const MAGIC = 'TZif'

/** The zone at a time; undefined where the bytes are no file of a zone. */
export function zoneAt(file: Buffer, timeMs: number): Zone | undefined {
  const seconds = Math.floor(timeMs / 1000)
  try {
    if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
    // A file of the first version has one block, and no rule.
    if (file[MAGIC.length] === 0) return readBlock(file, 0, 4).typeAt(seconds)
    const { end } = readBlock(file, 0, 4)
    const block = readBlock(file, end, 8)
    const rule = parseRule(file.toString('latin1', block.end).trim())
    return rule === undefined || seconds < block.last
      ? block.typeAt(seconds)
      : ruleAt(rule, seconds)
  } catch (error) {
    // Its counts lead out of the file.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Block {
  /** Where the next one begins. */
  readonly end: number
  /** Unix time of the last transition. */
  readonly last: number
  typeAt(seconds: number): Zone | undefined
}

function readBlock(file: Buffer, start: number, timeBytes: 4 | 8): Block {
  const [utcs, standards, leaps, times, types, characters] = [20, 24, 28, 32, 36, 40].map((at) =>
    file.readUInt32BE(start + at),
  ) as [number, number, number, number, number, number]
  const timesAt = start + HEADER_BYTES
  const indexesAt = timesAt + times * timeBytes
  const typesAt = indexesAt + times
  const namesAt = typesAt + types * TYPE_BYTES
  const end = namesAt + characters + leaps * (timeBytes + 4) + standards + utcs
  if (end > file.length) throw new RangeError('a longer file')
  const time = (i: number) =>
    timeBytes === 4
      ? file.readInt32BE(timesAt + i * 4)
      : Number(file.readBigInt64BE(timesAt + i * 8))
  return {
    end,
    last: times === 0 ? Number.NEGATIVE_INFINITY : time(times - 1),
    typeAt(seconds) {
      let i = times - 1
      while (i >= 0 && time(i) > seconds) i -= 1
      const type = i < 0 ? 0 : file.readUInt8(indexesAt + i)
      if (type >= types) return undefined
      const at = typesAt + type * TYPE_BYTES
      const name = namesAt + file.readUInt8(at + 5)
      const nameEnd = file.indexOf(0, name)
      return {
        offsetSeconds: file.readInt32BE(at),
        abbreviation: file.toString('latin1', name, nameEnd < 0 ? name : nameEnd),
      }
    },
  }
}

/** When summer time begins or ends: a day of the year and a time of that day. */
interface Change {
  /** `M3.5.0`, `J60` or `59` */
  readonly day: readonly [kind: 'M' | 'J' | '', a: number, b: number, c: number]
  readonly seconds: number
}

interface Rule {
  readonly standard: Zone
  readonly summer?: { readonly zone: Zone; readonly start: Change; readonly end: Change }
}

const NAME = '(<[^>]+>|[A-Za-z]+)'
const TIME = '([+-]?)(\\d{1,3})(?::(\\d\\d))?(?::(\\d\\d))?'
const STANDARD = new RegExp(`^${NAME}${TIME}(.*)$`)
const SUMMER = new RegExp(`^${NAME}(?:${TIME})?,([^,]+),([^,]+)$`)
const CHANGE = new RegExp(`^(M|J|)(\\d+)(?:\\.(\\d)\\.(\\d))?(?:/${TIME})?$`)
const HOUR = 3_600

/** Undefined for an empty rule, and one that none of the above describes. */
function parseRule(text: string): Rule | undefined {
  const [, name, ...rest] = STANDARD.exec(text) ?? []
  if (name === undefined) return undefined
  // What such a rule counts is how far a zone lies west of Greenwich.
  const standard = { offsetSeconds: 0 - secondsOf(rest), abbreviation: unquoted(name) }
  const [, summerName, ...summer] = SUMMER.exec(rest[4] ?? '') ?? []
  if (summerName === undefined) return { standard }
  const start = parseChange(summer[4])
  const end = parseChange(summer[5])
  if (start === undefined || end === undefined) return undefined
  const offsetSeconds =
    summer[1] === undefined ? standard.offsetSeconds + HOUR : 0 - secondsOf(summer)
  return {
    standard,
    summer: { zone: { offsetSeconds, abbreviation: unquoted(summerName) }, start, end },
  }
}

const unquoted = (name: string) => name.replace(/[<>]/g, '')

/** Of sign, hours, minutes and seconds, the last two of which may be missing. */
function secondsOf([sign, hours, minutes = '0', seconds = '0']: readonly (
  | string
  | undefined
)[]): number {
  const all = Number(hours) * HOUR + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? 0 - all : all
}

function parseChange(text: string | undefined): Change | undefined {
  const [, kind, a, b = '0', c = '0', ...time] = CHANGE.exec(text ?? '') ?? []
  if (kind === undefined) return undefined
  return {
    day: [kind as 'M' | 'J' | '', Number(a), Number(b), Number(c)],
    seconds: time[1] === undefined ? 2 * HOUR : secondsOf(time),
  }
}

function ruleAt({ standard, summer }: Rule, seconds: number): Zone {
  if (summer === undefined) return standard
  const year = new Date((seconds + standard.offsetSeconds) * 1000).getUTCFullYear()
  const start = changeAt(summer.start, year) - standard.offsetSeconds
  const end = changeAt(summer.end, year) - summer.zone.offsetSeconds
  const isSummer =
    start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
  return isSummer ? summer.zone : standard
}

/** Seconds since 1970 on the clock of the place. */
function changeAt({ day: [kind, a, b, c], seconds }: Change, year: number): number {
  if (kind === 'M') return dayOfWeek(year, a - 1, b, c) / 1000 + seconds
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
  // `J60` is the first of March in every year.
  const day = kind === '' ? a : isLeap && a >= 60 ? a : a - 1
  return Date.UTC(year, 0, 1 + day) / 1000 + seconds
}

/** The `week`th such day of a month, 5 for the last. */
function dayOfWeek(year: number, month: number, week: number, day: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay()
  const inMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  let date = 1 + ((day - first + 7) % 7) + (week - 1) * 7
  while (date > inMonth) date -= 7
  return Date.UTC(year, month, date)
}
