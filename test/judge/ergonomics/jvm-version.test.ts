import { expect, test } from 'vitest'
import {
  countsShares,
  firstWith,
  hasFeature,
  type JvmFeature,
} from '../../../judge/ergonomics/jvm-version.ts'

test('by version', () => {
  const f = (feature: JvmFeature, version: string, want: boolean) =>
    expect(hasFeature({ version }, feature), version).toBe(want)
  f('containers', '1.8.0_181', false)
  f('containers', '1.8.0_191', true)
  f('containers', '1.8.0', false)
  f('containers', '9.0.4', false)
  f('containers', '10', true)
  f('cgroup2', '1.8.0_362', false)
  f('cgroup2', '1.8.0_372', true)
  f('cgroup2', '11.0.15', false)
  f('cgroup2', '11.0.16', true)
  f('cgroup2', '14.0.2', false)
  f('cgroup2', '15', true)
  f('quotaBeforeShares', '10.0.2', false)
  f('quotaBeforeShares', '11', true)
  f('noControllersNeeded', '17.0.19', false)
  f('noControllersNeeded', '17.0.21', true)
  f('noControllersNeeded', '21.0.12', false)
  f('noControllersNeeded', '21.0.12.1', true)
  f('noControllersNeeded', '21.0.13.0.3', true)
  f('noControllersNeeded', '24.0.1', false)
  f('noControllersNeeded', '25', true)
  f('ancestors', '21.0.12', false)
  f('ancestors', '21.0.13', true)
  f('ancestors', '23', false)
  f('ancestors', '24-ea', true)
  f('experimentalLimit', '1.8.0_131', true)
  f('experimentalLimit', '9.0.4', true)
  f('experimentalLimit', '10', false)
})

test('the library knows better than the version', () => {
  expect(hasFeature({ version: '21.0.9', capabilities: [] }, 'cgroup2')).toBe(false)
  expect(
    hasFeature({ version: '21.0.9', capabilities: ['Adjusting controller path'] }, 'ancestors'),
  ).toBe(true)
})

test('neither is known', () => {
  expect(hasFeature({}, 'containers')).toBeUndefined()
  expect(hasFeature({ version: 'unheard' }, 'containers')).toBeUndefined()
  expect(countsShares({})).toBeUndefined()
})

test('shares', () => {
  const f = (version: string, want: boolean, capabilities?: readonly string[]) =>
    expect(countsShares({ version, ...(capabilities && { capabilities }) }), version).toBe(want)
  f('1.8.0_504', true)
  f('1.8.0_504', true, ['UseContainerSupport', 'cpu.max'])
  f('11.0.16', true)
  f('11.0.17', false)
  f('17.0.4', true)
  f('17.0.5', false)
  f('17.0.4', false, ['UseContainerCpuShares'])
  f('17.0.21', true, ['cpu.max'])
  f('18.0.1', true)
  f('19', false)
  f('21.0.13', false, ['cpu.max'])
})

test('the next version with all of it', () => {
  const f = (version: string | undefined, features: readonly JvmFeature[], want: string) =>
    expect(firstWith(version, features), version).toBe(want)
  f('1.8.0_121', ['containers'], '8u191')
  f('1.8.0_121', ['containers', 'cgroup2'], '8u372')
  f('1.8.0_504', ['noControllersNeeded'], '11.0.33')
  f('9.0.4', ['containers'], '11')
  f('12', ['cgroup2'], '17')
  f('17.0.19', ['noControllersNeeded'], '17.0.21')
  f('17.0.19', ['noControllersNeeded', 'ancestors'], '21.0.13')
  f('21.0.1', ['noControllersNeeded'], '21.0.12.1')
  f('22', ['ancestors'], '25')
  f(undefined, ['containers'], '25')
  // Built without what its version has.
  f('17.0.21', ['noControllersNeeded'], '21.0.12.1')
  f('26', ['containers'], '26')
})
