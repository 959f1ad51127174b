import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type FindingRule,
  type FindingRuleId,
  findingRules,
  type Severity,
} from '../../catalog/finding.ts'
import { type Finding, findingId } from '../../judge/lifecycle.ts'
import { type RootCause, underRootCauses, withConsequences } from '../../judge/root-cause.ts'

const rules = (Object.keys(findingRules) as FindingRuleId[]).filter(
  (rule) => findingRules[rule].entity === 'runtime',
)

function raised(rule: FindingRuleId, pid = '42', severity: Severity = 'high'): Finding {
  const entity = { 'host.id': 'cafe', 'process.pid': pid, 'process.creation.time': 'then' }
  return {
    id: findingId(rule, { entity }),
    rule,
    entity,
    severity,
    confidence: 'exact',
    name: `pid ${pid}`,
    machine: 'tower',
    summary: rule,
    evidence: [],
    fix: '',
    fixValues: {},
    firstSeenMs: 1,
    lastSeenMs: 2,
  }
}

/** `cause: consequence consequence`, one a cause. */
const told = (causes: readonly RootCause[]): string[] =>
  causes.map(
    ({ finding, consequences }) =>
      `${finding.rule}: ${consequences.map(({ rule }) => rule).join(' ')}`,
  )

describe('one cause', () => {
  const f = (findings: readonly FindingRuleId[], want: readonly string[]) =>
    expect(told(underRootCauses(findings.map((rule) => raised(rule))))).toEqual(want)
  test('its consequences under it', () => {
    f(
      [
        'jvm.throttled-during-gc',
        'jvm.gc-threads-exceed-quota',
        'jvm.cpu-count-exceeds-quota',
        'jvm.serial-by-accident',
      ],
      [
        'jvm.cpu-count-exceeds-quota: jvm.throttled-during-gc jvm.gc-threads-exceed-quota',
        'jvm.serial-by-accident: ',
      ],
    )
  })
  test('Serial through shares', () => {
    f(
      ['jvm.serial-by-accident', 'jvm.cpu-count-from-shares'],
      ['jvm.cpu-count-from-shares: jvm.serial-by-accident'],
    )
  })
  test('through others, which are not raised, nothing is explained', () => {
    f(['jvm.throttled-during-gc'], ['jvm.throttled-during-gc: '])
    f([], [])
  })
  test('the first of several causes wins, and leads on to its own', () => {
    f(
      [
        'jvm.gc-cpu-share',
        'jvm.parallelgc-small-quota',
        'jvm.gc-thrash',
        'jvm.cpu-count-exceeds-quota',
      ],
      [
        'jvm.gc-thrash: ',
        'jvm.cpu-count-exceeds-quota: jvm.gc-cpu-share jvm.parallelgc-small-quota',
      ],
    )
  })
})

test('what a verdict knows not to be its cause is passed over, and not told', () => {
  const heap = raised('jvm.heap-exceeds-limit')
  const all = [raised('jvm.container-support-off'), raised('jvm.old-version'), heap]
  const f = (notFrom: readonly FindingRuleId[], want: readonly string[]) =>
    expect(told(underRootCauses([...all.slice(0, 2), { ...heap, notFrom }]))).toEqual(want)
  f([], ['jvm.container-support-off: jvm.old-version jvm.heap-exceeds-limit'])
  f(
    ['jvm.container-support-off', 'jvm.old-version'],
    ['jvm.container-support-off: jvm.old-version', 'jvm.heap-exceeds-limit: '],
  )
  // Through another it would come to the same.
  f(
    ['jvm.container-support-off'],
    ['jvm.container-support-off: jvm.old-version jvm.heap-exceeds-limit'],
  )
  const printed = withConsequences([...all.slice(0, 2), { ...heap, notFrom: ['jvm.old-version'] }])
  expect(JSON.stringify(printed)).not.toContain('notFrom')
})

test('another entity explains nothing', () => {
  const findings = [
    raised('jvm.gc-threads-exceed-quota', '42'),
    raised('jvm.cpu-count-exceeds-quota', '43'),
  ]
  expect(underRootCauses(findings).map(({ finding }) => finding)).toEqual(findings)
})

test('as severe as the worst of them', () => {
  const [cause] = underRootCauses([
    raised('jvm.cpu-count-exceeds-quota', '42', 'info'),
    raised('jvm.throttled-during-gc', '42', 'critical'),
    raised('jvm.parallelgc-small-quota', '42', 'warning'),
  ])
  expect(cause).toMatchObject({ severity: 'critical', finding: { severity: 'info' } })
})

describe('whatever is raised', () => {
  const findings = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...rules), fc.constantFrom('1', '2', '3')), {
      selector: ([rule, pid]) => `${rule} ${pid}`,
      maxLength: 3 * rules.length,
    })
    .map((all) => all.map(([rule, pid]) => raised(rule, pid)))
  const sets = (causes: readonly RootCause[]) =>
    new Map(
      causes.map(({ finding, consequences }) => [
        finding.id,
        consequences.map(({ id }) => id).toSorted(),
      ]),
    )

  test('nothing is lost and nothing told twice', () => {
    fc.assert(
      fc.property(findings, (given) => {
        const causes = underRootCauses(given)
        const all = causes.flatMap(({ finding, consequences }) => [finding, ...consequences])
        expect(all.map(({ id }) => id).toSorted()).toEqual(given.map(({ id }) => id).toSorted())
      }),
    )
  })
  test('a cause has none itself, and explains its own entity alone', () => {
    fc.assert(
      fc.property(findings, (given) => {
        for (const { finding, consequences } of underRootCauses(given)) {
          const there = given.filter(({ name }) => name === finding.name)
          const { explainedBy = [] }: FindingRule = findingRules[finding.rule]
          expect(there.filter(({ rule }) => explainedBy.includes(rule))).toEqual([])
          for (const each of consequences) expect(each.entity).toEqual(finding.entity)
        }
      }),
    )
  })
  test('in whatever order', () => {
    fc.assert(
      fc.property(findings, fc.infiniteStream(fc.nat()), (given, keys) => {
        const order = new Map(given.map((each) => [each, keys.next().value]))
        const shuffled = given.toSorted((a, b) => order.get(a)! - order.get(b)!)
        expect(sets(underRootCauses(shuffled))).toEqual(sets(underRootCauses(given)))
      }),
    )
  })
})

describe('what explains what', () => {
  const causesOf = (rule: string): readonly string[] =>
    (findingRules as Record<string, FindingRule>)[rule]?.explainedBy ?? []

  test('every cause is a rule', () => {
    const causes = new Set(rules.flatMap(causesOf))
    expect([...causes].filter((each) => !(each in findingRules))).toEqual([])
    expect(causes.size).toBeGreaterThan(10)
  })
  test.each(rules)('%s is not its own cause', (rule) => {
    const seen = new Set<string>()
    const visit = (each: string): void => {
      for (const cause of causesOf(each)) {
        expect(cause).not.toBe(rule)
        if (seen.has(cause)) continue
        seen.add(cause)
        visit(cause)
      }
    }
    visit(rule)
  })
})
