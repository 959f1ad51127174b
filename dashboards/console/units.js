/**
 * Figures as people read them, in the console and in the terminal. What was not measured is `–`,
 * never 0.
 */

export const UNKNOWN = '–'
const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** @param {number | undefined} value */
export function bytes(value) {
  if (value === undefined) return UNKNOWN
  let scaled = value
  let step = 0
  while (Math.abs(scaled) >= 1024 && step < STEPS.length - 1) {
    scaled /= 1024
    step += 1
  }
  const digits = step === 0 || Math.abs(scaled) >= 100 || Number.isInteger(scaled) ? 0 : 1
  return `${scaled.toFixed(digits)} ${STEPS[step]}`
}

/** @param {number | undefined} value */
export const cores = (value) =>
  value === undefined ? UNKNOWN : value > 0 && value < 0.005 ? '<0.01' : value.toFixed(2)

/** @param {number | undefined} value */
export const count = (value) => (value === undefined ? UNKNOWN : value.toLocaleString('en'))

/**
 * A share as per cent; more digits where they decide, as in 99.95 %.
 * @param {number | undefined} ratio
 */
export function percent(ratio) {
  if (ratio === undefined) return UNKNOWN
  const near = Math.min(Math.abs(ratio), Math.abs(1 - ratio))
  const digits = near === 0 || near >= 0.1 ? 0 : near >= 0.01 ? 1 : near >= 0.001 ? 2 : 3
  return `${Number((ratio * 100).toFixed(digits))} %`
}

/** @param {number | undefined} value */
export const times = (value) =>
  value === undefined ? UNKNOWN : `${Number(value.toFixed(value < 10 ? 2 : 1))}×`

/** @param {number | undefined} seconds */
export function duration(seconds) {
  if (seconds === undefined) return UNKNOWN
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Number((seconds / 3_600).toFixed(1))} h`
  return `${Math.round(seconds / 86_400)} d`
}

/** @param {number} fromMs @param {number} nowMs */
export const ago = (fromMs, nowMs) =>
  nowMs - fromMs < 1_000 ? 'now' : `${duration((nowMs - fromMs) / 1_000)} ago`

/** A limit: `none` when there is none. @param {number | null | undefined} value @param {(value: number | undefined) => string} print */
export const limit = (value, print) => (value === null ? 'none' : print(value))

/** Any figure with its UCUM unit. @param {number} value @param {string} unit */
export function figure(value, unit) {
  switch (unit) {
    case 'By':
      return bytes(value)
    case '{cpu}':
      return `${Number(value.toFixed(2))} cores`
    case '1':
      return percent(value)
    case 's':
      return duration(value)
    default:
      return `${Number(value.toFixed(3))} ${unit.replace(/[{}]/g, '')}`
  }
}
