/** Durations as Prometheus writes them: `10s`, `1h30m`, `500ms`, `28d`. */

const UNIT_MS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const
const WHOLE = /^(?:\d{1,12}(?:ms|[smhdw]))+$/
const PART = /(\d+)(ms|[smhdw])/g

/** Milliseconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64 || !WHOLE.test(text)) return undefined
  let ms = 0
  for (const [, count, unit] of text.matchAll(PART)) {
    ms += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** The two largest units that say something: `1h30m`, `2d4h`, `12s`; `0s` for nothing. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms)
  if (rest < 1_000) return rest <= 0 ? '0s' : `${rest}ms`
  const parts: string[] = []
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit])
    rest -= count * UNIT_MS[unit]
    if (count > 0) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join('')
}
