/** Offset and abbreviation of a time zone at one time, as tzdata has them. */

export interface Zone {
  readonly offsetSeconds: number
  /** `CET`; `+03` where people have no name for it. */
  readonly abbreviation: string
}

/** Each knows the abbreviations of its own part of the world, and writes `GMT+1` for the others. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-ZA', 'en-IN', 'en-CA']

/** Undefined for a name that is no zone. */
export function zoneAt(timeZone: string, timeMs: number): Zone | undefined {
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
  const known = LOCALES.map((locale) => part(locale, timeZone, 'short', date)).find(
    (name) => !/^(GMT|UTC)[+-]/.test(name),
  )
  const numeric = `${sign ?? '+'}${hours.padStart(2, '0')}${Number(minutes) > 0 ? minutes : ''}`
  return { offsetSeconds: sign === '-' ? -away : away, abbreviation: known ?? numeric }
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
