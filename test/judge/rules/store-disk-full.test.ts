import { describe, expect, test } from 'vitest'
import type { Judgement, Verdict } from '../../../judge/finding.ts'
import type { StoreProfile } from '../../../judge/profile.ts'
import { judgeStore } from '../../../judge/rules/store-disk-full.ts'
import { parseSize } from '../../../settings/size.ts'
import { without } from '../without.ts'

const GIB = 1024 ** 3
const DAY = 86_400

/** 29 GiB are free, and 3.2 GiB come a day. */
const store: StoreProfile = {
  kind: 'store',
  entity: { 'host.name': 'tower', 'candor.store': 'embedded, /data' },
  name: 'store (embedded, /data)',
  machine: 'tower',
  sizeBytes: 40 * GIB,
  freeBytes: 29 * GIB,
  bytesPerDay: 3.2 * GIB,
  finalBytes: 110 * GIB,
  fullInSeconds: 9.06 * DAY,
}

function verdict(change: Partial<StoreProfile> = {}): Verdict {
  const judgement = judgeStore({ ...store, ...change })
  if (judgement.kind !== 'finding') throw new Error(`no finding but ${JSON.stringify(judgement)}`)
  return judgement.verdict
}

describe('a finding', () => {
  test('at this rate the disk is full in 9 days', () => {
    expect(verdict()).toMatchObject({
      rule: 'store.disk-full',
      severity: 'warning',
      confidence: 'inferred',
      summary:
        'At this rate the disk is full in 9 days: 3.2 GiB come a day, 29 GiB are free, and by its retention the store grows from 40 GiB to 110 GiB.',
      fix: 'set --store.retention.bytes=63GiB, so that the oldest samples go first; or shorten --store.retention.raw; or give the disk 41 GiB more',
      fixValues: { missingBytes: 41 * GIB },
    })
    expect(verdict().evidence.map(({ name, unit }) => [name, unit])).toEqual([
      ['free', 'By'],
      ['comes a day', 'By'],
      ['until full', 's'],
    ])
  })

  test('the sooner, the graver', () => {
    const f = (days: number, severity: string, words: string) => {
      const { severity: found, summary } = verdict({ fullInSeconds: days * DAY })
      expect([found, summary]).toEqual([severity, expect.stringContaining(words)])
    }
    f(14, 'warning', 'full in 14 days')
    f(3.01, 'warning', 'full in 3 days')
    f(3, 'high', 'full in 3 days')
    f(1.5, 'high', 'full in 36 hours')
    f(1, 'critical', 'full in 24 hours')
    f(1.9 / 24, 'critical', 'full in 1 hour:')
    f(0, 'critical', 'full in less than an hour')
  })

  test('what to set is a size that the flag takes, and fits', () => {
    const f = (sizeBytes: number, freeBytes: number) => {
      const { fix } = verdict({ sizeBytes, freeBytes })
      const bytes = parseSize(/bytes=(\w+)/.exec(fix)![1]!)
      expect(bytes).toBeGreaterThan(0)
      expect(bytes).toBeLessThanOrEqual(Math.max(1024 ** 2, sizeBytes + freeBytes))
    }
    f(40 * GIB, 29 * GIB)
    f(3 * GIB, GIB / 7)
    f(10 * GIB, 0)
    f(1_000, 0)
  })
})

describe('fine', () => {
  const f = (judgement: Judgement) => expect(judgement).toEqual({ kind: 'fine' })
  const never = without(store, 'fullInSeconds')
  test('there is time', () => f(judgeStore({ ...store, fullInSeconds: 14.01 * DAY })))
  test('a store that grows fast, and whose retention ends that in time', () =>
    f(judgeStore({ ...never, bytesPerDay: 20 * GIB, finalBytes: 60 * GIB })))
  test('a disk that is almost full, of a store that is as large as it will be', () =>
    f(judgeStore({ ...never, freeBytes: GIB, finalBytes: 40 * GIB })))
  test('a store that nothing comes to, on a full disk', () =>
    f(judgeStore({ ...never, freeBytes: 0, bytesPerDay: 0, finalBytes: 40 * GIB })))
})

describe('not judged', () => {
  const f = (judgement: Judgement, reason: RegExp) =>
    expect(judgement).toEqual({ kind: 'not-judged', reason: expect.stringMatching(reason) })
  test('before a whole day is there', () => {
    const young = without(without(store, 'bytesPerDay'), 'finalBytes')
    f(judgeStore(without(young, 'fullInSeconds')), /^no whole day is stored yet/)
  })
  test('where the disk cannot be asked, which is not to say that it has room', () => {
    f(judgeStore(without(store, 'freeBytes')), /free space of the store are not known/)
    f(judgeStore(without(without(store, 'freeBytes'), 'fullInSeconds')), /not known/)
  })
})
