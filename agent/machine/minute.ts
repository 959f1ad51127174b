/** What is looked for again once a minute: devices, their names and limits. */
const MINUTE_MS = 60_000

/** Whether it is time, by the times of the passes: at first, and each minute since. */
export function everyMinute(): (timeMs: number) => boolean {
  let lastMs: number | undefined
  return (timeMs) => {
    if (lastMs !== undefined && timeMs >= lastMs && timeMs - lastMs < MINUTE_MS) return false
    lastMs = timeMs
    return true
  }
}
