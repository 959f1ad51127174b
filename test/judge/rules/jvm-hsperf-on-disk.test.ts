import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, seen, stopped, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.hsperf-on-disk'

/** On ext4; 20 s at safepoints, 3 s of which collected, while all waited for a disk for 60 s. */
const waits: RuntimeProfile = {
  ...well,
  countersFileSystem: 'ext4',
  ...seen({ ioFullSeconds: 60, safepointSeconds: 20, stopSeconds: 3 }),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...waits, ...change })).toBe(want)

test('what it says', () => {
  expect(verdictOf(RULE, waits)).toMatchObject({
    severity: 'warning',
    summary:
      'The JVM keeps its counters on ext4; it stood still 2.8 % of the time without a collection, while all waited for a disk in 10 %.',
    fix: expect.stringContaining('--runtime.introspection=deep') as string,
  })
})

test('on a disk without harm: info', () => {
  const calm = { ...waits, ...seen({ ioFullSeconds: 0 }) }
  expect(verdictOf(RULE, calm)).toMatchObject({ severity: 'info', confidence: 'exact' })
  f(seen({ ioFullSeconds: 60, safepointSeconds: 4, stopSeconds: 3 }), 'info')
  f(seen({ ioFullSeconds: 20, safepointSeconds: 20, stopSeconds: 3 }), 'info')
  f(seen({ ioFullSeconds: 60, safepointSeconds: 9, stopSeconds: 3 }), 'info')
  f(seen({ ioFullSeconds: 60, safepointSeconds: 9.1, stopSeconds: 3 }), 'warning')
  f({ countersFileSystem: 'overlay', ...seen({}) }, 'info')
  f({ recent: { seconds: 600, ioFullSeconds: 60, safepointSeconds: 20 } }, 'info')
  const harmful = { ioFullSeconds: 60, safepointSeconds: 20, stopSeconds: 3 }
  f({ recent: { seconds: 299, ...harmful } }, 'info')
  f({ recent: { seconds: 300, ...harmful } }, 'warning')
})

test('pauses that wait, though no quota stops them, tell it too', () => {
  const slow = { ioFullSeconds: 60, safepointSeconds: 20, stopSeconds: 20 }
  const change = { collector: 'Serial', ...seen({ ...slow, gcCpuSeconds: 8 }) }
  expect(verdictOf(RULE, { ...waits, ...change })).toMatchObject({
    severity: 'warning',
    summary:
      'The JVM keeps its counters on ext4; its pauses took 2.5 times the CPU time in them, while all waited for a disk in 10 %.',
  })
  const of = (recent: Parameters<typeof seen>[0]) => ({
    ...change,
    ...seen({ ...slow, gcCpuSeconds: 8, ...recent }),
  })
  f(of({ gcCpuSeconds: 10 }), 'info')
  f(of({ ioFullSeconds: 30 }), 'info')
  f(of({ ...stopped(0.02) }), 'info')
  // Of pauses that are rare.
  f(of({ safepointSeconds: 6, stopSeconds: 6, gcCpuSeconds: 1 }), 'info')
})

test('without a limit only harm is told', () => {
  const free = without(without(waits, 'memoryLimitBytes'), 'cpuLimitCores')
  expect(answerOf(RULE, free)).toBe('warning')
  expect(answerOf(RULE, { ...free, ...seen({}) })).toBe('fine')
})

test('the quota explains the pauses', () => {
  f(seen({ ioFullSeconds: 60, safepointSeconds: 20, stopSeconds: 3, ...stopped(0.02) }), 'info')
  f(seen({ ioFullSeconds: 60, safepointSeconds: 20, stopSeconds: 3, ...stopped(0.01) }), 'warning')
})

test('in memory, or without a file', () => {
  f({ countersFileSystem: 'tmpfs' }, 'fine')
  f({ flags: ['-XX:+PerfDisableSharedMem'] }, 'fine')
  f({ flags: ['-XX:-UsePerfData'] }, 'fine')
})

test('not known', () => {
  const { countersFileSystem: _, ...unknown } = waits
  expect(answerOf(RULE, unknown)).toBe('not-judged')
})

test('without harm too it says where they are, and how much of the time disks were waited for', () => {
  const unseen = without(waits, 'recent')
  const where = { name: 'counters on a disk', value: 1, source: 'ext4, by /proc/PID/mountinfo' }
  expect(verdictOf(RULE, unseen).evidence).toMatchObject([where])
  const calm = { ...waits, ...seen({ ioFullSeconds: 6, safepointSeconds: 4, stopSeconds: 3 }) }
  expect(verdictOf(RULE, calm).evidence).toMatchObject([
    where,
    { name: 'waiting for a disk', value: 0.01, windowSeconds: 600 },
  ])
})
