/**
 * Durations as PromQL writes them, 1h30m, and numbers with and without a unit.
 * Source: prometheus.io/docs/prometheus/latest/querying/basics, "Float literals and time durations".
 */
const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
}
const PARTS = /(\d+)(ms|[smhdwy])/g
const IS_DURATION = /^\d+(?:ms|[smhdwy])/
const OCTAL = /^0[0-7_]+$/

/** Prometheus counts ns in 64 bits. */
export const MAX_DURATION_MS = 9_223_372_036_854

export const isDuration = (literal: string): boolean => IS_DURATION.test(literal)

/** Milliseconds of a literal of the grammar's. */
export function readDuration(literal: string): number {
  let ms = 0
  for (const [, amount, unit] of literal.matchAll(PARTS)) ms += Number(amount) * UNIT_MS[unit!]!
  return ms
}

/**
 * A number without a sign: decimal, hexadecimal, octal with a leading 0, inf, nan; a duration is its seconds.
 * Infinity of digits is for the caller to refuse.
 */
export function readNumber(literal: string): number {
  if (isDuration(literal)) return readDuration(literal) / 1_000
  const digits = literal.replaceAll('_', '')
  const lower = digits.toLowerCase()
  if (lower === 'inf') return Infinity
  if (lower === 'nan') return Number.NaN
  return OCTAL.test(literal) ? Number.parseInt(digits, 8) : Number(digits)
}

/** 90d, 1w and 1h30m: years and weeks only where nothing is left over. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let text = ms < 0 ? '-' : ''
  let rest = Math.abs(ms)
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue
    const amount = Math.floor(rest / size)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * size
  }
  return text
}
