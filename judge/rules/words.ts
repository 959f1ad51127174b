/** Figures as people read them, in the sentences of findings. */
const MIB = 1024 ** 2
const GIB = 1024 ** 3

export const mebibytes = (bytes: number): string => `${digits(bytes / MIB)} MiB`
export const gibibytes = (bytes: number): string => `${digits(bytes / GIB)} GiB`
export const cores = (count: number): string => `${digits(count)} ${count === 1 ? 'core' : 'cores'}`

/** At most one digit behind the point, none above a hundred. */
const digits = (value: number): string =>
  String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)
export const percent = (share: number): string => `${digits(100 * share)} %`
