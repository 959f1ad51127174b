import { expect, test } from 'vitest'
import { bugsOf, flagsOf, parseCpuInfo } from '../../../agent/machine/cpu-info.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

test('a block a CPU', () => {
  const cpus = parseCpuInfo('processor\t: 0\nflags\t\t: fpu  vme\n\nprocessor\t: 1\nbugs\t\t:\n\n')
  expect(cpus.map((cpu) => cpu.get('processor'))).toEqual(['0', '1'])
  expect(flagsOf(cpus[0]!)).toEqual(['fpu', 'vme'])
  expect(bugsOf(cpus[1]!)).toEqual([])
})

test('arm names its flags otherwise, and has a block of the board', () => {
  const cpus = parseCpuInfo('processor\t: 0\nFeatures\t: fp asimd\n\nHardware\t: BCM2835\n')
  expect(cpus.map(flagsOf)).toEqual([['fp', 'asimd']])
})

test('no CPU at all', () => {
  expect(() => parseCpuInfo('vendor : x\n')).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['processor\t: 0\n', 'flags : ', '\n\n'], (bytes) =>
    parseCpuInfo(bytes.toString('utf8')).map((cpu) => cpu.size),
  )
})
