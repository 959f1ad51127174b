import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, recorded, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.interpreted-or-debug'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...well, ...change })).toBe(want)

test('interpreted, by its own word or by its flag', () => {
  const description = 'OpenJDK 64-Bit Server VM (Debian, interpreted mode, sharing)'
  expect(verdictOf(RULE, { ...well, description })).toMatchObject({
    severity: 'info',
    evidence: [{ source: description }],
    fix: 'take out -Xint',
  })
  f({ flags: ['-Xint'] }, 'info')
  f({ flags: ['-Xint', '-Xmixed'] }, 'fine')
  f({ flags: ['-Xmixed', '-Xint', CUT] }, 'info')
})

test('a debugger may come', () => {
  const flags = ['-Xdebug', '-Xrunjdwp:transport=dt_socket,server=y,address=5005']
  expect(verdictOf(RULE, { ...well, flags }).fix).toBe('take out -Xrunjdwp')
})

describe('no finding', () => {
  test('mixed mode', () => f({}, 'fine'))
  test('-Xdebug alone does nothing', () => f({ flags: ['-Xdebug'] }, 'fine'))
  test.each(['jdk8-parallel-nocontainer', 'jdk25-zgc', 'jdk11-cms'])('%s', (name) => {
    expect(answerOf(RULE, recorded(name, {}))).toBe('fine')
  })
  test('neither known: not judged', () => {
    expect(answerOf(RULE, without(without(well, 'flags'), 'description'))).toBe('not-judged')
    expect(answerOf(RULE, without(well, 'description'))).toBe('fine')
    expect(answerOf(RULE, without(well, 'flags'))).toBe('fine')
  })
})
