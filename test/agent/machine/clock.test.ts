import { utimesSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { clock, type Clocks, stepBetween } from '../../../agent/machine/clock.ts'
import { folder, write } from '../fixture.ts'
import { openReader, rowsOf, shown } from './open.ts'

describe('the wall clock was set when it left the clocks that nobody sets', () => {
  const BEFORE: Clocks = { wall: 1000, monotonic: 50, uptime: 60 }
  const f = (wall: number, monotonic: number, uptime: number, want: number) => {
    const now = { wall: 1000 + wall, monotonic: 50 + monotonic, uptime: 60 + uptime }
    expect(stepBetween(BEFORE, now)).toBeCloseTo(want, 6)
  }
  test('all alike', () => f(10, 10, 10, 0))
  test('forward', () => f(15, 10, 10, 5))
  test('back', () => f(-20, 10, 10, -30))
  test('slewed, and the hundredths of uptime', () => f(10.01, 10.005, 9.99, 0))
  test('asleep: only the monotonic clock stood still', () => f(3610, 10, 3610, 0))
  test('asleep and set', () => f(3615, 10, 3610, 5))
  test('a tree whose uptime stands still', () => f(10, 10, 0, 0))
  test('no uptime', () => f(15, 10, Number.NaN, 0))
})

describe('steps', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  test('are counted, and the last is told', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    vi.setSystemTime(1_800_000_000_000)
    const root = folder()
    const read = openReader(clock, root)
    let uptime = 100
    const pass = (wallSeconds: number) => {
      vi.advanceTimersByTime(10_000)
      uptime += 10
      vi.setSystemTime(Date.now() + (wallSeconds - 10) * 1000)
      write(root, { 'proc/uptime': `${uptime}.00 1.00\n` })
      return shown(rowsOf(read(Date.now())))['']
    }
    expect(pass(10)).toEqual({ steps: 0 })
    expect(pass(10)).toEqual({ steps: 0 })
    expect(pass(-50)).toEqual({ steps: 1, last_step: -60 })
    expect(pass(10)).toEqual({ steps: 1, last_step: -60 })
    expect(pass(12)).toEqual({ steps: 2, last_step: 2 })
  })
})

test('when timesyncd last took the time from a server', () => {
  const root = folder()
  write(root, { 'run/systemd/timesync/synchronized': '' })
  utimesSync(`${root}/run/systemd/timesync/synchronized`, 1_700_000_000, 1_700_000_000)
  expect(shown(rowsOf(openReader(clock, root)(0)))).toEqual({
    '': { steps: 0, synchronized_time: 1_700_000_000 },
  })
})
