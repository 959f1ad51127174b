/**
 * Whatever a disk, a network, a clock and whoever kills processes do: what was promised arrives, is
 * whole, and is not sent again once that is written down. `LONG=1` tries far more.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FSYNC_POLICIES } from '../../../agent/ship/fsync.ts'
import { type Action, Model, NETWORKS } from './model.ts'

/** A disk that fails promises nothing. */
const HEALTHY = Array<'healthy'>(10).fill('healthy')
const DAY_MS = 86_400_000

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('offer' as const),
      count: fc.integer({ min: 1, max: 3 }),
      bytes: fc.nat(300),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 500, 999, 1_000, 1_001, 2_100, 10_000, 60_000, 700_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('network' as const),
      is: fc.constantFrom(...NETWORKS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('disk' as const),
      is: fc.constantFrom('full', 'read', 'write', 'sync', 'remove', ...HEALTHY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('clock' as const),
      stepMs: fc.integer({ min: -DAY_MS / 2, max: DAY_MS / 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('kill' as const, 'cut' as const, 'stop' as const),
    }),
  },
)

/** Of the seed's own, so that a failure can be played again. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each(FSYNC_POLICIES)('nothing that was promised is lost, fsync=%s', async (fsync) => {
  const holds = fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40, size: 'max' }),
      fc.nat(),
      async (actions, seed) => {
        const model = new Model(fsync, randomFrom(seed))
        for (const each of actions) await model.act(each)
        await model.end()
      },
    ),
    { numRuns: process.env['LONG'] === '1' ? 5_000 : 200 },
  )
  await expect(holds).resolves.toBeUndefined()
})
