/** Figures as people read them. Absent is `–`, never 0. */

const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function bytes(value: number | undefined): string {
  if (value === undefined) return '–'
  let scaled = value
  let step = 0
  while (Math.abs(scaled) >= 1024 && step < STEPS.length - 1) {
    scaled /= 1024
    step += 1
  }
  const digits = step === 0 || Math.abs(scaled) >= 100 || Number.isInteger(scaled) ? 0 : 1
  return `${scaled.toFixed(digits)} ${STEPS[step]}`
}

export const cores = (value: number | undefined): string =>
  value === undefined ? '–' : value < 0.005 && value > 0 ? '<0.01' : value.toFixed(2)

export const percent = (ratio: number | undefined): string =>
  ratio === undefined ? '–' : `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`

/** A limit: `none` when there is none, `–` when it was not read. */
export const limit = (value: number | null | undefined, print: (value: number) => string): string =>
  value === null ? 'none' : value === undefined ? '–' : print(value)

/** Any figure with its UCUM unit. */
export function figure(value: number, unit: string): string {
  switch (unit) {
    case 'By':
      return bytes(value)
    case '{cpu}':
      return `${Number(value.toFixed(2))} cores`
    case '1':
      return percent(value)
    case 's':
      return `${Number(value.toFixed(3))} s`
    default:
      return `${Number(value.toFixed(3))} ${unit.replace(/[{}]/g, '')}`
  }
}
