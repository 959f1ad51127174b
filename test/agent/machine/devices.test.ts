import { describe, expect, test } from 'vitest'
import { devicesLeftOut } from '../../../agent/machine/devices.ts'
import { UsageError } from '../../../settings/usage-error.ts'

const INCLUDE = 'collector.netdev.device-include'
const EXCLUDE = 'collector.netdev.device-exclude'
const NAMES = ['lo', 'eth0', 'veth1']

describe('names that are left', () => {
  const f = (settings: Record<string, string>, want: readonly string[], byDefault?: RegExp) => {
    const leftOut = devicesLeftOut('netdev', settings, byDefault)
    expect(NAMES.filter((name) => leftOut?.test(name) !== true)).toEqual(want)
  }
  test('all', () => f({}, NAMES))
  test('but those excluded', () => f({ [EXCLUDE]: '^(lo|veth.*)$' }, ['eth0']))
  test('only those included', () => f({ [INCLUDE]: '^veth' }, ['veth1']))
  test('but those excluded by default', () => f({}, ['eth0', 'veth1'], /^lo$/))
  test('a flag takes the place of the default', () =>
    f({ [EXCLUDE]: 'veth' }, ['lo', 'eth0'], /lo/))
})

test('both flags at once are an error that names them', () => {
  const both = () => devicesLeftOut('netdev', { [INCLUDE]: 'a', [EXCLUDE]: 'b' })
  expect(both).toThrow(UsageError)
  expect(both).toThrow(`--${INCLUDE}: cannot be given together with --${EXCLUDE}`)
})
