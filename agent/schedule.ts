/** When passes are made: aligned to the wall clock, each machine with its own offset. Pure. */

/**
 * Offset of a machine within the interval, the same after every start, so that the machines of a
 * fleet do not all read and send in the same instant. FNV-1a, 32 bits.
 */
export function offsetMs(machineId: string, intervalMs: number): number {
  let h = 0x811c9dc5
  for (const byte of Buffer.from(machineId)) h = Math.imul(h ^ byte, 0x01000193)
  return (h >>> 0) % intervalMs
}

/** Time of the first pass after `nowMs`. A pass that took too long costs the ones it ran into. */
export function nextPassMs(nowMs: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + intervalMs + offsetMs
}
