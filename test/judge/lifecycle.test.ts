import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FindingRuleId, findingRules } from '../../catalog/finding.ts'
import { FINE, type Judgement, notJudged } from '../../judge/finding.ts'
import {
  advance,
  findingId,
  type Judged,
  type LifecycleState,
  NOTHING_YET,
  raisedFindings,
} from '../../judge/lifecycle.ts'

const subject = { entity: { 'host.id': 'cafe' }, name: 'tower', machine: 'tower' }
const found = (rule: FindingRuleId, summary = 'so'): Judgement => ({
  kind: 'finding',
  verdict: {
    rule,
    severity: 'info',
    confidence: 'exact',
    summary,
    evidence: [],
    fix: 'this',
    fixValues: {},
  },
})
/** Raised after 2, cleared after 3. */
const SLOW = 'strand.cpu'
const YES = found(SLOW)
const NO = FINE
const DUNNO = notJudged('no history')
const GONE = undefined

/** Whether the finding is raised after each of the evaluations, one a second. */
function raisedAfter(judgements: readonly (Judgement | undefined)[]): boolean[] {
  let state: LifecycleState = NOTHING_YET
  return judgements.map((judgement, i) => {
    const judged: Judged[] = judgement === undefined ? [] : [{ subject, rule: SLOW, judgement }]
    state = advance(state, judged, i * 1_000)
    return raisedFindings(state).length === 1
  })
}

describe('hysteresis', () => {
  const f = (judgements: readonly (Judgement | undefined)[], want: string) =>
    expect(
      raisedAfter(judgements)
        .map((raised) => (raised ? '#' : '.'))
        .join(''),
    ).toBe(want)
  test('raised after two in a row, cleared after three', () => {
    f([YES, YES, YES, NO, NO, NO, NO], '.####..')
  })
  test('one miss forgets what was on its way up, one hit what was on its way down', () => {
    f([YES, NO, YES, YES], '...#')
    f([YES, YES, NO, NO, YES, NO, NO, NO], '.######.')
  })
  test('what was judged before and not asked since counts neither for nor against', () => {
    const judged = (judgement: Judgement, isOld: boolean): Judged[] => [
      { subject, rule: SLOW, judgement, isOld },
    ]
    const raised = (steps: readonly (readonly [Judgement, boolean])[]) => {
      let state: LifecycleState = NOTHING_YET
      for (const [i, [judgement, isOld]] of steps.entries()) {
        state = advance(state, judged(judgement, isOld), i)
      }
      return raisedFindings(state).length
    }
    const [NEW, OLD] = [false, true]
    expect(
      raised([
        [YES, OLD],
        [YES, OLD],
      ]),
    ).toBe(0)
    expect(
      raised([
        [YES, NEW],
        [YES, OLD],
        [YES, OLD],
      ]),
    ).toBe(0)
    expect(
      raised([
        [YES, NEW],
        [YES, OLD],
        [YES, NEW],
      ]),
    ).toBe(1)
    const up = [
      [YES, NEW],
      [YES, NEW],
    ] as const
    expect(raised([...up, [NO, NEW], [NO, OLD], [NO, OLD], [NO, OLD], [NO, NEW]])).toBe(1)
    expect(raised([...up, [NO, NEW], [NO, NEW], [NO, OLD], [NO, NEW]])).toBe(0)
  })
  test('not judged keeps everything as it was', () => {
    f([DUNNO, YES, DUNNO, YES, DUNNO, DUNNO, DUNNO, DUNNO], '...#####')
    f([YES, YES, NO, NO, DUNNO, NO], '.####.')
  })
  test('an entity that is gone takes its finding with it at once, and comes back as new', () => {
    f([YES, YES, GONE, YES, YES], '.#..#')
  })
  test('a rule that raises at once', () => {
    const rule = 'jvm.heap-exceeds-limit'
    const state = advance(NOTHING_YET, [{ subject, rule, judgement: found(rule) }], 0)
    expect(raisedFindings(state).length).toBe(1)
  })
})

test('a finding keeps its first time, and carries the newest verdict', () => {
  const judged = (summary: string): Judged[] => [
    { subject, rule: SLOW, judgement: found(SLOW, summary) },
  ]
  let state = advance(NOTHING_YET, judged('one'), 1_000)
  state = advance(state, judged('two'), 2_000)
  state = advance(state, judged('three'), 3_000)
  state = advance(state, [{ subject, rule: SLOW, judgement: FINE }], 4_000)
  expect(raisedFindings(state)).toEqual([
    {
      rule: SLOW,
      severity: 'info',
      confidence: 'exact',
      summary: 'three',
      evidence: [],
      fix: 'this',
      fixValues: {},
      id: 'strand.cpu/cafe',
      entity: { 'host.id': 'cafe' },
      name: 'tower',
      machine: 'tower',
      firstSeenMs: 1_000,
      lastSeenMs: 3_000,
    },
  ])
})

test('rules and entities do not touch each other', () => {
  const other = { ...subject, entity: { 'host.id': 'beef' } }
  const twice = (rule: FindingRuleId, at: typeof subject): Judged => ({
    subject: at,
    rule,
    judgement: found(rule),
  })
  const all = [
    twice('strand.cpu', subject),
    twice('strand.mem', subject),
    twice('strand.cpu', other),
  ]
  const state = advance(advance(NOTHING_YET, all, 0), all, 1)
  expect(raisedFindings(state).map(({ id }) => id)).toEqual([
    'strand.cpu/cafe',
    'strand.mem/cafe',
    'strand.cpu/beef',
  ])
})

test('the id names rule and entity, and is safe in an address', () => {
  const entity = {
    'process.creation.time': '2026-11-21T08:22:00.050Z',
    'process.pid': '4242',
    'host.id': 'a/b c',
    'host.name': 'not of the identity',
  }
  expect(findingId('jvm.heap-exceeds-limit', { entity })).toBe(
    'jvm.heap-exceeds-limit/a%2Fb%20c/4242/2026-11-21T08:22:00.050Z',
  )
  expect(findingId('strand.cpu', { entity: { 'host.id': '\ud800' } })).toBe('strand.cpu/%EF%BF%BD')
})

test('the state is plain data: kept as JSON it goes on as if nothing had happened', () => {
  const step = fc.constantFrom(YES, NO, DUNNO, GONE)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (judgements) => {
      let state: LifecycleState = NOTHING_YET
      let kept: LifecycleState = NOTHING_YET
      for (const [i, judgement] of judgements.entries()) {
        const judged: Judged[] = judgement === undefined ? [] : [{ subject, rule: SLOW, judgement }]
        state = advance(state, judged, i)
        kept = advance(JSON.parse(JSON.stringify(kept)) as LifecycleState, judged, i)
        expect(kept).toEqual(state)
      }
    }),
  )
})

test('raised exactly when enough agreed in a row since the last clearing', () => {
  const { raiseAfter, clearAfter } = findingRules[SLOW]
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (hits) => {
      let raised = false
      const want = hits.map((_, i) => {
        const last = (n: number, hit: boolean) =>
          i + 1 >= n && hits.slice(i + 1 - n, i + 1).every((each) => each === hit)
        if (!raised && last(raiseAfter, true)) raised = true
        else if (raised && last(clearAfter, false)) raised = false
        return raised
      })
      expect(raisedAfter(hits.map((hit) => (hit ? YES : NO)))).toEqual(want)
    }),
  )
})
