import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Repeat } from '../../collector/repeat.ts'
import { silentLog } from '../../settings/log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** When it began within two seconds, at an interval of 100 ms. */
async function begins(tookMs: readonly number[]): Promise<number[]> {
  const zeroMs = Date.now()
  const times: number[] = []
  const work = async (nowMs: number) => {
    times.push(nowMs - zeroMs)
    await new Promise((done) => setTimeout(done, tookMs[times.length - 1] ?? 0))
  }
  const repeat = new Repeat('work', work, 100, silentLog())
  repeat.start()
  await vi.advanceTimersByTimeAsync(2_000)
  const stopped = repeat.stop()
  await vi.runAllTimersAsync()
  await stopped
  return times
}

test('at every interval', async () => {
  expect((await begins([0, 40, 50, 0])).slice(0, 5)).toEqual([0, 100, 200, 300, 400])
})

test('what takes longer rests as long', async () => {
  expect((await begins([60, 400, 0, 0])).slice(0, 5)).toEqual([0, 120, 920, 1_020, 1_120])
})

test('what starts later begins an interval after that, and not at all where it is stopped by then', async () => {
  const times: number[] = []
  const zeroMs = Date.now()
  const work = async (nowMs: number) => void times.push(nowMs - zeroMs)
  const [stopped, repeat] = [1, 2].map(() => new Repeat('work', work, 100, silentLog()))
  stopped!.startLater()
  await stopped!.stop()
  repeat!.startLater()
  await vi.advanceTimersByTimeAsync(250)
  await repeat!.stop()
  expect(times).toEqual([100, 200])
})
