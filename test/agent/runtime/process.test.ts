import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import {
  mayTrace,
  parseProcessStat,
  type ProcessStat,
  parseProcessStatus,
  type ProcessStatus,
} from '../../../agent/runtime/process.ts'

const stat = (comm: string, state: string, flags: number) =>
  `4242 (${comm}) ${state} 1 4242 4242 0 -1 ${flags} 1 2 3 4 5 6 7 8 20 0 23 0 987654 5 6 7 8 9 140722000000000 11 12\n`

test('stat', () => {
  const f = (text: string, want: ProcessStat) => expect(parseProcessStat(text)).toEqual(want)
  const body = {
    bodiless: false,
    parentPid: 1,
    threads: 23,
    startTicks: 987_654,
    cpuSeconds: 0.11,
    stackStart: 140_722_000_000_000,
  }
  f(stat('java', 'S', 4_194_304), { comm: 'java', ...body })
  f(stat('a) R 1 (b', 'S', 0), { comm: 'a) R 1 (b', ...body })
  f(stat('', 'R', 0), { comm: '', ...body })
  f(stat('kworker/0:1', 'I', 0x0420_8060), { comm: 'kworker/0:1', ...body, bodiless: true })
  f(stat('java', 'Z', 0), { comm: 'java', ...body, bodiless: true })
})

test('status', () => {
  const f = (text: string, want: ProcessStatus) => expect(parseProcessStatus(text)).toEqual(want)
  const rest = 'Uid:\t0\t1000\t0\t1000\nGid:\t0\t0\t0\t0\n'
  f(`Name:\tjava\nPid:\t5\n${rest}NSpid:\t5\n`, { effectiveUid: 1000, innermostPid: 5 })
  f(`Pid:\t27339\n${rest}NSpid:\t27339\t17\t1\n`, { effectiveUid: 1000, innermostPid: 1 })
  f(`Pid:\t5\n${rest}`, { effectiveUid: 1000, innermostPid: 5 })
})

test('whether a process may look into others', () => {
  const f = (effective: string, want: boolean) =>
    expect(mayTrace(`Name:\tx\n${effective}\nSeccomp:\t0\n`)).toBe(want)
  f('CapEff:\t000001fffeffffff', true)
  f('CapEff:\t0000000000080000', true)
  f('CapEff:\tfffffffffff7ffff', false)
  f('CapInh:\tffffffffffffffff', false)
})

test('any text is a record or a MalformedFile', () => {
  for (const parse of [parseProcessStat, parseProcessStatus])
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parse(text)
        } catch (err) {
          if (!(err instanceof MalformedFile)) throw err
        }
      }),
    )
  expect(() => parseProcessStat('')).toThrow(MalformedFile)
  expect(() => parseProcessStat(stat('java', 'S', 0).slice(0, 40))).toThrow(MalformedFile)
  expect(() => parseProcessStatus('Uid:\t0\t0\t0\t0\n')).toThrow(MalformedFile)
})
