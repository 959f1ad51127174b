import { expect, test } from 'vitest'
import { uname } from '../../../agent/machine/uname.ts'
import { fixture, folder } from '../fixture.ts'
import { isOff, openReader, readRows } from './open.ts'

test('in the order of its labels', () => {
  expect(readRows(uname, fixture('hardware-made')).map(({ keys }) => keys)).toEqual([
    [
      'Linux',
      '6.8.0-45-generic',
      '#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024',
      'x86_64',
      'metal7',
      'example.org',
    ],
  ])
})

test('a kernel that does not tell its architecture has that of the agent', () => {
  const [row] = readRows(uname, fixture('v1-centos7-3.10'))
  expect(row!.keys[3]).toMatch(/^(x86_64|aarch64|[a-z0-9]+)$/)
  expect(row!.keys[3]).not.toBe('x64')
})

test('off without /proc', () => expect(isOff(openReader(uname, folder())(0))).toBe(true))
