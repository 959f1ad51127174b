/**
 * Offset and abbreviation of a time zone at one time, as tzdata has them.
 *
 * Node.js knows every offset but few abbreviations. Those stand in the rule for the future with which
 * the zone's file ends, such as `CET-1CEST,M3.5.0,M10.5.0/3`; tzfile(5), tzset(3).
 */

export interface Zone {
  readonly offsetSeconds: number
  /** `CET`; `+03` where people have no name for it. */
  readonly abbreviation: string
}

/** Each knows the abbreviations of its own part of the world, and writes `GMT+1` for the others. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-ZA', 'en-IN', 'en-CA']

const RULE =
  /\n(<[^>\n]+>|[A-Za-z]+)([+-]?)(\d{1,3})(?::(\d\d))?(?::\d\d)?(<[^>\n]+>|[A-Za-z]+)?[^\n]*\n$/

/** The abbreviation that the rule of a zone's file has for this offset; it counts west of Greenwich. */
export function ruleName(file: string, offsetSeconds: number): string | undefined {
  const [, standard, sign, hours, minutes = '0', summer] = RULE.exec(file) ?? []
  if (standard === undefined) return undefined
  const west = (Number(hours) * 60 + Number(minutes)) * 60
  const isStandard = (sign === '-' ? west : 0 - west) === offsetSeconds
  return (isStandard ? standard : summer)?.replace(/[<>]/g, '')
}

/** `file` is that of the zone, where there is one. Undefined for a name that is no zone. */
export function zoneAt(timeZone: string, timeMs: number, file = ''): Zone | undefined {
  const date = new Date(timeMs)
  let offset: string
  try {
    offset = part('en-US', timeZone, 'longOffset', date)
  } catch {
    return undefined
  }
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^GMT(?:([+-])(\d\d):?(\d\d)?:?(\d\d)?)?$/.exec(offset) ?? []
  const away = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  const offsetSeconds = sign === '-' ? -away : away
  const named = (locale: string) => part(locale, timeZone, 'short', date)
  const abbreviation =
    ruleName(file, offsetSeconds) ??
    LOCALES.map(named).find((name) => !/^(GMT|UTC)[+-]/.test(name)) ??
    `${sign ?? '+'}${hours.padStart(2, '0')}${Number(minutes) > 0 ? minutes : ''}`
  return { offsetSeconds, abbreviation }
}

const part = (
  locale: string,
  timeZone: string,
  timeZoneName: 'short' | 'longOffset',
  date: Date,
): string =>
  new Intl.DateTimeFormat(locale, { timeZone, timeZoneName })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value ?? ''
