import { describe, expect, test } from 'vitest'
import { countCpus, machineTotal, memoryBytes } from '../../../agent/machine/machine-totals.ts'
import { machineLabels } from '../../../agent/machine/machine-labels.ts'
import { copy, filesOf, fixture, folder, write } from '../fixture.ts'
import { isOff, MACHINE, openReader, readRows, shown } from './open.ts'

const UUID = '83340ca8-cb49-4474-8c29-d2088ca84dd9'

test('CPUs, cores, sockets, memory, modules', () => {
  expect(shown(readRows(machineTotal, fixture('hardware-made')))).toEqual({
    [` ${UUID} `]: {
      cpu_cores: 4,
      cpu_physical_cores: 2,
      cpu_sockets: 1,
      memory: 65_707_264 * 1024,
      swap: 8_388_604 * 1024,
    },
    [` ${UUID}  Registered-DDR4`]: { count: 2, capacity: 32 * 2 ** 30 },
  })
})

test('CPUs that are offline are no cores', () => {
  const root = copy('hardware-made')
  const cpu = 'sys/devices/system/cpu'
  write(root, { [`${cpu}/cpu1/online`]: '0\n', [`${cpu}/cpu3/online`]: '0\n' })
  const [row] = Object.values(shown(readRows(machineTotal, root)))
  expect(row).toMatchObject({ cpu_physical_cores: 1 })
})

test('cores are absent where the kernel tells no topology', () => {
  const [row] = Object.values(shown(readRows(machineTotal, fixture('v1-centos7-3.10'))))
  expect(Object.keys(row!)).toEqual(['cpu_cores', 'memory', 'swap'])
})

describe('labels', () => {
  const f = (root: string, attributes: Readonly<Record<string, string>>) =>
    machineLabels(filesOf(root), { ...MACHINE, attributes })
  const named = { 'host.id': 'aa', 'candor.boot.id': 'bb' }
  test('of the firmware', () =>
    expect(f(fixture('hardware-made'), named)).toEqual(['aa', UUID, 'bb']))
  test('of the device tree', () => {
    const root = folder()
    write(root, { 'sys/firmware/devicetree/base/vm,uuid': 'tree\0' })
    expect(f(root, named)).toEqual(['aa', 'tree', 'bb'])
  })
  test('without either', () => expect(f(folder(), named)).toEqual(['aa', 'aa', 'bb']))
  test('without a machine-id', () =>
    expect(f(folder(), { 'host.id': 'bb', 'candor.boot.id': 'bb' })).toEqual(['', '', 'bb']))
})

test('lines of the files', () => {
  expect(countCpus('cpu  1 2\ncpu0 1 2\ncpu11 1 2\nintr 3\n')).toBe(2)
  expect(memoryBytes('MemTotal:   12 kB\n', 'MemTotal')).toBe(12_288)
  expect(memoryBytes('MemTotal: much\n', 'MemTotal')).toBeNaN()
})

test('off without /proc', () => expect(isOff(openReader(machineTotal, folder())(0))).toBe(true))
