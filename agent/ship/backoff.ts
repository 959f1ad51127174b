/** How long to wait before the next attempt. Pure: chance and the present are handed in. */
import { limits } from '../../catalog/limit.ts'

const FIRST_MS = 1_000

/**
 * Full jitter: anything between nothing and a ceiling that doubles with each failure, so that a fleet
 * does not come back at once. A receiver's Retry-After is waited for in full, with the jitter on top.
 */
export function backoffMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  const ceiling = Math.min(limits.pushBackoffMs.value, FIRST_MS * 2 ** (failures - 1))
  const jitter = Math.floor(random() * ceiling)
  return Math.min(retryAfterMs ?? 0, limits.pushRetryAfterMs.value) + jitter
}

/** Retry-After, in seconds or as a date (RFC 9110, 10.2.3); undefined where it is neither. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
