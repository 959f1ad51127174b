import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../../catalog/limit.ts'
import {
  changedBy,
  closedMs,
  done,
  type Ids,
  joined,
  nextWork,
  PIECE_MS,
  type Progress,
  startOf,
  type Work,
} from '../../../../collector/store/rollup/plan.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
const runs = process.env['LONG'] === '1' ? 20_000 : 500

const today = Date.UTC(2026, 5, 10)
const at = (hours: number) => today + hours * HOUR

const progress = (
  minutesMs: number,
  hoursMs: number,
  pieces: number[] = [],
  hours: number[] = [],
) => ({ minutesMs, hoursMs, pieces: all(pieces), hours: all(hours) }) satisfies Progress
const all = (starts: readonly number[]) => new Map(starts.map((ms) => [ms, 'all' as const]))

describe('next', () => {
  const f = (state: Progress, days: number[], nowMs: number, want: Work | undefined) =>
    expect(nextWork(state, days, nowMs)).toEqual(want)
  const pieceAt = (ms: number): Work => ({ tier: '1m', fromMs: ms, toMs: ms + PIECE_MS })

  test('nothing before a piece is closed', () =>
    f(progress(at(12), at(12)), [today], at(12) + PIECE_MS + MINUTE - 1, undefined))
  test('the piece, a minute after its end', () =>
    f(progress(at(12), at(12)), [today], at(12) + PIECE_MS + MINUTE, pieceAt(at(12))))
  test('an hour when its minutes are made', () =>
    f(progress(at(13), at(12)), [today], at(13) + MINUTE, {
      tier: '1h',
      fromMs: at(12),
      toMs: at(13),
    }))
  test('what late rows changed, behind what is new', () => {
    f(progress(at(12), at(12), [at(3)]), [today], at(12) + MINUTE, pieceAt(at(3)))
    f(progress(at(12), at(12), [at(3)]), [today], at(13), {
      tier: '1m',
      fromMs: at(12),
      toMs: at(12) + 5 * PIECE_MS,
    })
  })
  test('pieces in a row at once, as far as an hour', () => {
    const run = Array.from({ length: 9 }, (_, i) => at(3) + i * PIECE_MS)
    f(progress(at(12), at(12), [...run, at(1)]), [today], at(12), pieceAt(at(1)))
    f(progress(at(12), at(12), run), [today], at(12), { tier: '1m', fromMs: at(3), toMs: at(4) })
  })
  test('of those that rows came late for, where these are few', () => {
    const some = (ids: bigint[]) => new Set(ids)
    const marked = (...ids: Ids[]) => ({
      ...progress(at(12), at(12)),
      pieces: new Map(ids.map((each, i) => [at(3) + i * PIECE_MS, each])),
    })
    const work = (pieces: number, more: Partial<Work>) =>
      ({ tier: '1m', fromMs: at(3), toMs: at(3) + pieces * PIECE_MS, ...more }) as const
    f(marked(some([1n]), some([2n, 1n])), [today], at(12), work(2, { ids: [1n, 2n] }))
    f(marked(some([1n]), 'all'), [today], at(12), work(1, { ids: [1n] }))
    f(marked('all', some([1n])), [today], at(12), work(1, {}))
    const many = (from: number) =>
      some(Array.from({ length: limits.rollupIds.value }, (_, i) => BigInt(from + i)))
    f(marked(many(0), many(1)), [today], at(12), work(1, { ids: [...many(0)] }))
  })
  test('hours whose minutes were made again', () =>
    f(progress(at(12), at(12), [], [at(5), at(3)]), [today], at(12) + MINUTE, {
      tier: '1h',
      fromMs: at(3),
      toMs: at(4),
    }))
  test('after downtime the rest of the day', () =>
    f(progress(at(-50), at(-50)), [today - 3 * DAY], at(0), {
      tier: '1m',
      fromMs: at(-50),
      toMs: at(-48),
    }))
  test('days without rows are passed over', () =>
    f(progress(at(-48), at(-48)), [today], at(2), { tier: '1m', fromMs: at(-48), toMs: at(0) }))
})

describe('start', () => {
  test('without rows and without a note: at now', () =>
    expect(startOf({}, [], at(12) + 5)).toEqual(progress(at(12) - PIECE_MS, at(11))))
  test('without a note: at the first day that has rows', () =>
    expect(startOf({}, [today - DAY, today], at(12))).toEqual(progress(today - DAY, today - DAY)))
  test('at what was noted', () =>
    expect(startOf({ '1m': at(12), '1h': at(11) }, [today], at(12.5))).toEqual(
      progress(at(12), at(11)),
    ))
  test('a note from a clock that was ahead holds nothing up', () =>
    expect(startOf({ '1m': at(500) }, [today], at(12)).minutesMs).toBeLessThan(at(12)))
})

describe('a row', () => {
  const f = (tsMs: number, want: ReturnType<typeof changedBy>) =>
    expect(changedBy(tsMs, at(12), at(12.2))).toEqual(want)
  test('in time changes nothing', () => f(at(12), undefined))
  test('late changes its piece', () => f(at(3) + MINUTE, at(3)))
  test('too late changes nothing and says so', () =>
    f(at(12.2) - limits.rollupLateMs.value - 1, 'late'))
})

describe('minutes that are made again', () => {
  const f = (work: Omit<Work, 'tier'>, want: [number, Ids][]) =>
    expect(done(progress(at(12), at(12)), { tier: '1m', ...work }).hours).toEqual(new Map(want))
  const ids = [7n]
  test('mark their hour', () =>
    f({ fromMs: at(3), toMs: at(3) + PIECE_MS, ids }, [[at(3), new Set(ids)]]))
  test('mark the next one too, where the step to its first sample may begin', () =>
    f({ fromMs: at(4) - PIECE_MS, toMs: at(4) }, [
      [at(3), 'all'],
      [at(4), 'all'],
    ]))
  test('mark none that is not made yet', () => f({ fromMs: at(12), toMs: at(12) + PIECE_MS }, []))
})

/** Rows that come at random times, late or not, and restarts, in simulated days. */
test('whatever comes when: in the end every window is made after its last row', () => {
  const step = fc.record({
    passMs: fc.integer({ min: 1, max: 40 * HOUR }),
    rowsBehindMs: fc.array(fc.integer({ min: 0, max: limits.rollupLateMs.value }), {
      maxLength: 4,
    }),
    restart: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let nowMs = today
      let clock = 0
      const days = new Set<number>()
      /** Time of the last row and of the last making, by minute and by hour. */
      const rows = new Map<number, number>()
      const made = { '1m': new Map<string, number>(), '1h': new Map<string, number>() }
      const noted: Partial<Record<'1m' | '1h', number>> = {}
      let state = startOf(noted, [], nowMs)
      const drain = () => {
        for (let i = 0; ; i++) {
          expect(i).toBeLessThan(5_000)
          const work = nextWork(
            state,
            [...days].toSorted((a, b) => a - b),
            nowMs,
          )
          if (work === undefined) return
          expect(work.toMs).toBeGreaterThan(work.fromMs)
          const width = work.tier === '1m' ? MINUTE : HOUR
          expect(work.fromMs % (work.tier === '1m' ? PIECE_MS : HOUR)).toBe(0)
          clock += 1
          for (const ms of rows.keys()) {
            const window = Math.floor(ms / width) * width
            if (window < work.fromMs || window >= work.toMs) continue
            if (work.ids?.includes(BigInt(ms % 2)) === false) continue
            made[work.tier].set(`${ms % 2} ${window}`, clock)
          }
          state = done(state, work)
          noted[work.tier] = work.tier === '1m' ? state.minutesMs : state.hoursMs
        }
      }
      for (const { passMs, rowsBehindMs, restart } of steps) {
        nowMs += passMs
        for (const behindMs of rowsBehindMs) {
          const tsMs = nowMs - behindMs
          clock += 1
          rows.set(tsMs, clock)
          days.add(Math.floor(tsMs / DAY) * DAY)
          const piece = changedBy(tsMs, state.minutesMs, nowMs)
          if (typeof piece !== 'number') continue
          // Odd ones are of one entity, even ones of another.
          const ids = joined(state.pieces.get(piece), new Set([BigInt(tsMs % 2)]))
          state = { ...state, pieces: new Map([...state.pieces, [piece, ids]]) }
        }
        drain()
        if (restart)
          state = startOf(
            noted,
            [...days].toSorted((a, b) => a - b),
            nowMs,
          )
        drain()
      }
      for (const [tsMs, told] of rows) {
        const minute = made['1m'].get(`${tsMs % 2} ${Math.floor(tsMs / MINUTE) * MINUTE}`) ?? 0
        expect(tsMs < state.minutesMs ? minute > told : tsMs >= closedMs(nowMs)).toBe(true)
        if (tsMs >= state.hoursMs) continue
        expect(made['1h'].get(`${tsMs % 2} ${Math.floor(tsMs / HOUR) * HOUR}`)).toBeGreaterThan(
          minute,
        )
      }
      expect(state.minutesMs).toBe(closedMs(nowMs))
      expect(state.hoursMs).toBe(Math.floor(closedMs(nowMs) / HOUR) * HOUR)
    }),
    { numRuns: runs },
  )
})
