import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allowedArguments,
  allowedVariables,
  argumentOf,
  asLines,
  asSettings,
  textsOf,
} from '../../../agent/runtime/settings.ts'
import { CUT } from '../../../catalog/entity.ts'
import { limits } from '../../../catalog/limit.ts'
import type { RuntimeKind } from '../../../catalog/runtime-kind.ts'
import { runtimeVariables } from '../../../catalog/runtime-setting.ts'

const whole = (texts: readonly string[]) => ({ texts, cut: false })

test('texts end with NUL; the last one of a list that was cut may be half a text', () => {
  expect(textsOf(Buffer.from('a\0\0b c\0'), false).texts).toEqual(['a', '', 'b c'])
  expect(textsOf(Buffer.from('a\0b'), false).texts).toEqual(['a', 'b'])
  expect(textsOf(Buffer.from('a\0GOMAXPROCS=1'), true)).toEqual({ texts: ['a'], cut: true })
})

describe('variables', () => {
  const f = (texts: readonly string[], want: Readonly<Record<string, string>>) =>
    expect(Object.fromEntries(allowedVariables(whole(texts)))).toEqual(want)
  test('only those that are listed, and the first of two', () => {
    f(['PATH=/bin', 'GOMAXPROCS=4', 'AWS_SECRET_ACCESS_KEY=x', 'GOMAXPROCS=8'], { GOMAXPROCS: '4' })
    f(['GOMAXPROCS', '=x', ''], {})
  })
  test('of free text only the words that are allowed as arguments', () => {
    f(['NODE_OPTIONS=--require=/secret/a.js --max-old-space-size=300 --title=x'], {
      NODE_OPTIONS: '--max-old-space-size=300',
    })
    f(['ERL_FLAGS=-setcookie abc +S 2:2 -eval halt().'], { ERL_FLAGS: '+S 2:2' })
  })
  test('nothing moves a cursor or breaks a line', () =>
    f(['GODEBUG=a\nB=c\u001b[2J'], { GODEBUG: 'a B=c [2J' }))
  test('a list that was cut says so', () =>
    expect(asSettings(allowedVariables({ texts: ['GOGC=off'], cut: true }))).toBe(
      `GOGC=off\n${CUT}`,
    ))
  test('whatever the environment is, no other name gets through', () => {
    const names = new Set(runtimeVariables)
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        for (const name of allowedVariables(whole(texts)).keys()) expect(names.has(name)).toBe(true)
      }),
    )
  })
})

describe('arguments', () => {
  const f = (kind: RuntimeKind, words: readonly string[], want: readonly string[]) =>
    expect(allowedArguments(kind, whole(words))).toEqual(want)
  test('only those of the kind', () => {
    f(
      'nodejs',
      ['node', '--max-old-space-size=300', 'a.js', '--token=x'],
      ['--max-old-space-size=300'],
    )
    f('nodejs', ['node', '--max-old-space-size', '300'], ['--max-old-space-size 300'])
    f('python', ['gunicorn', '-w', '4', '--workers=8', '--password', 'x'], ['-w 4', '--workers=8'])
    f('python', ['gunicorn', '-w4'], ['-w 4'])
    f('beam', ['beam.smp', '+S', '4:2', '+sbwt', 'none'], ['+S 4:2', '+sbwt none'])
    f(
      'envoy',
      ['envoy', '--cpuset-threads', '--concurrency', '2'],
      ['--cpuset-threads', '--concurrency 2'],
    )
    f('go', ['server', '--workers', '4'], [])
    f('beam', ['beam.smp', '+sbwt', 'very_long'], ['+sbwt very_long'])
    f('ruby', ['puma', '-t', '1:16', '-w', 'auto'], ['-t 1:16', '-w auto'])
  })
  test('a longer name is another argument', () => {
    f('python', ['x', '--workers-class', 'y', '--workersecret'], [])
    f('beam', ['x', '+SDio', '4'], [])
  })
  test('a value that may be more than a number or a word is dropped', () => {
    f('python', ['x', '--workers', '/etc/passwd'], [])
    f('python', ['x', '--workers=$(id)'], [])
    f('python', ['x', '--workers'], [])
    f('python', ['wipe.py', '-w', 'hunter2'], [])
    f('ruby', ['wipe.rb', '-t', 'AKIAIOSFODNN7EXAMPLE'], [])
    f('python', ['x', '--concurrency=7f3a99'], [])
  })
})

test('the last of an argument wins', () => {
  expect(argumentOf(['-w 4', '--workers=8'], '-w', '--workers')).toBe('8')
  expect(argumentOf(['-w 4'], '--workers')).toBeUndefined()
})

test('what does not fit is cut at a line, and the cut is told', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `NAME_${i}=${'x'.repeat(30)}`)
  const text = asLines(lines)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.labelBytes.value)
  expect(text.endsWith(`\n${CUT}`)).toBe(true)
  expect(text.split('\n').slice(0, -1)).toEqual(lines.slice(0, text.split('\n').length - 1))
  expect(asLines(['a', 'b'])).toBe('a\nb')
  expect(asLines([])).toBe('')
})
