/** Parts of dates, in UTC, of Unix seconds; of the time of each step where nothing is given. */
import { seriesOf, vectorOf } from './arguments.ts'
import { stepsOf, type Grid, type GridSeries } from './grid.ts'
import { Labels } from './labels.ts'
import type { InstantFunction } from './value.ts'

const DAY_SECONDS = 86_400
/** Days of 400 years, after which the calendar repeats itself. */
const ERA_DAYS = 146_097
/** From 0000-03-01, with which the calendar's year best begins, to 1970-01-01. */
const EPOCH_DAYS = 719_468

const dayOf = (seconds: number) => Math.floor(seconds / DAY_SECONDS)
const secondOfDay = (seconds: number) => seconds - dayOf(seconds) * DAY_SECONDS

/** Year and month that begin in March. */
interface Civil {
  readonly year: number
  /** 0 is March. */
  readonly month: number
  readonly dayOfMonth: number
}

/** Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function civilOf(seconds: number): Civil {
  const days = dayOf(seconds) + EPOCH_DAYS
  const era = Math.floor(days / ERA_DAYS)
  const dayOfEra = days - era * ERA_DAYS
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5) + 1
  return { year: yearOfEra + era * 400, month, dayOfMonth }
}

/** 1 is January. */
const monthOf = ({ month }: Civil) => (month < 10 ? month + 3 : month - 9)
const yearOf = (civil: Civil) => (monthOf(civil) <= 2 ? civil.year + 1 : civil.year)
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]

function dayOfYear(seconds: number): number {
  const civil = civilOf(seconds)
  const month = monthOf(civil)
  const leapDay = month > 2 && isLeap(yearOf(civil)) ? 1 : 0
  return DAYS_BEFORE[month - 1]! + leapDay + civil.dayOfMonth
}

function daysInMonth(seconds: number): number {
  const civil = civilOf(seconds)
  const month = monthOf(civil)
  const leapDay = month === 2 && isLeap(yearOf(civil)) ? 1 : 0
  return DAYS_BEFORE[month]! - DAYS_BEFORE[month - 1]! + leapDay
}

const of =
  (compute: (seconds: number) => number): InstantFunction =>
  ([vector], { grid }) => {
    const series = vector === undefined ? [timeOfSteps(grid)] : seriesOf(vector)
    return vectorOf(
      series.map(({ labels, values, present }) => {
        const result = new Float64Array(values.length)
        for (let step = 0; step < values.length; step++) {
          const seconds = Math.trunc(values[step]!)
          result[step] = Number.isFinite(seconds) ? compute(seconds) : Number.NaN
        }
        return { labels, dropsName: true, values: result, present }
      }),
    )
  }

function timeOfSteps(grid: Grid): GridSeries {
  const values = secondsOfSteps(grid)
  return {
    labels: Labels.NONE,
    dropsName: false,
    values,
    present: new Uint8Array(values.length).fill(1),
  }
}

/** The time of each step. */
export function secondsOfSteps(grid: Grid): Float64Array {
  const values = new Float64Array(stepsOf(grid))
  for (let step = 0; step < values.length; step++) {
    values[step] = (grid.startMs + step * grid.stepMs) / 1_000
  }
  return values
}

export const dateFunctions: Readonly<Record<string, InstantFunction>> = {
  day_of_month: of((seconds) => civilOf(seconds).dayOfMonth),
  // The epoch was a Thursday; 0 is Sunday.
  day_of_week: of((seconds) => (((dayOf(seconds) + 4) % 7) + 7) % 7),
  day_of_year: of(dayOfYear),
  days_in_month: of(daysInMonth),
  hour: of((seconds) => Math.floor(secondOfDay(seconds) / 3_600)),
  minute: of((seconds) => Math.floor((secondOfDay(seconds) % 3_600) / 60)),
  month: of((seconds) => monthOf(civilOf(seconds))),
  year: of((seconds) => yearOf(civilOf(seconds))),
}
