import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SUPPORT_STALE_DAYS, supportAsOf } from '../../catalog/runtime-support.ts'
import type { JvmCoverage } from '../../judge/coverage.ts'
import type { RuntimeLine } from '../../judge/runtime-list.ts'
import { describeRuntimes } from '../../command/runtimes-report.ts'

const GIB = 2 ** 30
const exact = (value: number) => ({ value, confidence: 'exact' as const, source: 'a flag' })
const inferred = (value: number) => ({ value, confidence: 'inferred' as const, source: 'a guess' })

const shop: RuntimeLine = {
  entity: { 'process.pid': '7' },
  workload: 'prod/web/app/shop.Main',
  name: 'pid 7 (shop.Main)',
  machine: 'web-1',
  pid: '7',
  runtime: 'jvm',
  version: '23.0.1',
  supportEnded: { line: '23', end: '2025-03-18' },
  believedCpus: inferred(8),
  believedMemory: exact(GIB),
  enforcedCpus: 0.5,
  enforcedMemoryBytes: GIB / 2,
  verdict: 'critical',
  rule: 'jvm.heap-exceeds-limit',
  summary: 'It is too large.',
  fix: 'replace -Xmx1g by -XX:MaxRAMPercentage=54.0',
  findings: 3,
  rules: 20,
  judged: 12,
}
const api: RuntimeLine = {
  entity: { 'process.pid': '8' },
  workload: 'api',
  name: 'pid 8',
  machine: 'web-1',
  pid: '8',
  runtime: 'go',
  enforcedCpus: null,
  enforcedMemoryBytes: null,
  verdict: 'fine',
  findings: 0,
  rules: 4,
  judged: 4,
}
const lost: RuntimeLine = {
  entity: { 'process.pid': '9' },
  workload: 'etl.py',
  name: 'pid 9',
  machine: 'web-1',
  pid: '9',
  runtime: 'python',
  verdict: 'not-judged',
  findings: 0,
  rules: 3,
  judged: 0,
  reason: 'its cgroup is not known',
}

const ASKED = Date.parse(supportAsOf)

const page = (
  runtimes: readonly RuntimeLine[],
  more: { total?: number; jvms?: JvmCoverage; notes?: string[] } = {},
  nowMs = ASKED,
) =>
  stripVTControlCharacters(
    describeRuntimes(
      {
        runtimes,
        total: runtimes.length,
        jvms: { readable: 0, total: 0, unread: [] },
        notes: [],
        ...more,
      },
      nowMs,
    ),
  ).split('\n')

test('a line each, and what is to be done below it', () => {
  expect(page([shop, api, lost])).toEqual([
    'Runtimes  3',
    '  workload                runtime      believed    enforced       verdict',
    '  prod/web/app/shop.Main  jvm 23.0.1!  ~8 / 1 GiB  0.5 / 512 MiB  critical +2',
    '      jvm.heap-exceeds-limit: replace -Xmx1g by -XX:MaxRAMPercentage=54.0',
    '  api                     go           – / –       none / none    fine',
    '  etl.py                  python       – / –       – / –          not judged',
    '      its cgroup is not known',
    `  believed and enforced: CPUs / memory; ~ inferred, not read; ! no fixes any more, as known on ${supportAsOf}`,
  ])
})

test('a table of ends that is too old is told', () => {
  const late = ASKED + (SUPPORT_STALE_DAYS + 1) * 86_400_000
  expect(page([api], {}, late).at(-1)).toContain(`is known as of ${supportAsOf} only`)
  expect(page([api]).at(-1)).not.toContain('known as of')
})

describe('how much of it can be read', () => {
  const reason = 'maps not readable'
  const jvms = (unread: JvmCoverage['unread']) => ({ jvms: { readable: 3, total: 7, unread } })
  test('of one machine', () => {
    const lines = page([shop], jvms([{ machine: 'web-1', reason, count: 4 }]))
    expect(lines).toContain('  3 of 7 JVMs readable')
    expect(lines).toContain('  4 not read: maps not readable')
  })
  test('of several', () => {
    expect(page([shop], jvms([{ machine: 'db-1', reason, count: 4 }]))).toContain(
      '  4 not read on db-1: maps not readable',
    )
  })
  test('of many', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ machine: `m${i}`, reason, count: 2 }))
    const lines = page([shop], jvms(many))
    expect(lines).toContain('  and 40 more not read')
    expect(lines.filter((each) => each.includes('not read on'))).toHaveLength(10)
  })
  test('without any JVM nothing is said of them', () => {
    expect(page([api]).join()).not.toContain('JVM')
  })
})

describe('what is around the table', () => {
  test('nothing there', () => expect(page([])).toEqual(['Runtimes  0']))
  test('a list that was cut', () => expect(page([api], { total: 9 })).toContain('  … and 8 more'))
  test('notes', () =>
    expect(page([], { notes: ['2 not read: why'] })).toContain('  2 not read: why'))
  test('rules that could not judge are not called fine', () =>
    expect(page([{ ...api, judged: 1 }]).join('\n')).toContain('fine, 1 of 4'))
  test('machines where there are several', () => {
    expect(page([shop, api])[1]).not.toContain('machine')
    expect(page([shop, { ...api, machine: 'web-2' }])[1]).toContain('machine')
  })
})

test('whatever the names, no line is longer than 120 columns and none is broken', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.string({ minLength: 100, maxLength: 300 }),
    fc.constant('\u001B[2J\n'),
  )
  fc.assert(
    fc.property(hostile, hostile, hostile, (workload, version, machine) => {
      const lines = page([shop, { ...shop, workload, version, machine, fix: 'set it' }])
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(120)
      expect(lines).toHaveLength(7)
    }),
  )
})
