/** Time as shipping sees it; tests have their own. */
export interface Clock {
  /** Unix ms; people and NTP set it. */
  now(): number
  /** Since the machine booted; nothing sets it. */
  bootUs(): number
  /** Resolves after `ms`, or as soon as the signal says so. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export const realClock: Clock = {
  now: Date.now,
  // CLOCK_MONOTONIC, which on Linux begins with the boot and is the same for every process.
  bootUs: () => Number(process.hrtime.bigint() / 1_000n),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    }),
}
