import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedRows } from '../../../agent/read/keyed-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { cpu } from '../../../agent/machine/cpu.ts'
import { parseSoftirqLine, parseStat } from '../../../agent/machine/stat-lines.ts'
import { stat } from '../../../agent/machine/stat.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { CPU_MODES, machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machineSoftirqVectors } from '../../../catalog/tables/machine-interrupts.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'
import { copy, filesOf, fixture, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, readRows, rowsOf, shown } from './open.ts'

const entity: Entity = { kind: 'machine', attributes: { 'host.id': 'x' } }

function reader() {
  const cpus = new KeyedRows(machineCpu, entity)
  return (text: string) => {
    const row = emptyRow(machine, entity)
    const bytes = Buffer.from(text, 'latin1')
    parseStat(bytes, bytes.length, row.values, cpus)
    return { machine: present(row), cpus: cpus.finish() }
  }
}
const seconds = (read: ReturnType<typeof reader>, text: string) =>
  read(text).cpus.map((row) => [row.keys[0], ...row.values])

test('a whole file', () => {
  const text = readFileSync(`${fixture('v1-centos7-3.10')}/proc/stat`, 'utf8')
  const { machine, cpus } = reader()(text)
  expect(machine).toEqual({
    cpu_cores: 2,
    context_switches: 1502331222,
    interrupts: 883201233,
    forks: 912233,
    boot_time_seconds: 1700000000,
    procs_running: 1,
    procs_blocked: 0,
  })
  expect(cpus.map(({ keys }) => keys)).toEqual([['0'], ['1']])
  expect(present(cpus[0]!)).toEqual({
    user_seconds: 6003.4,
    nice_seconds: 1.2,
    system_seconds: 2102,
    idle_seconds: 494123.4,
    iowait_seconds: 202.1,
    irq_seconds: 0,
    softirq_seconds: 41.23,
    steal_seconds: 7,
    guest_user_seconds: 2,
    guest_nice_seconds: 0,
  })
})

describe('older kernels have fewer columns', () => {
  test('no guests', () => {
    const [cpu] = reader()('cpu0 100 2 3 400 5 6 7 8\n').cpus
    expect(Object.keys(present(cpu!))).toHaveLength(8)
  })
})

describe('counters of a CPU', () => {
  test('a step back is not shown', () => {
    const read = reader()
    read('cpu0 100 0 100 1000 100 0 0 0 0 0\n')
    expect(seconds(read, 'cpu0 200 0 100 999 90 0 0 0 0 0\n')).toEqual([
      ['0', 2, 0, 1, 10, 1, 0, 0, 0, 0, 0],
    ])
  })
  test('an idle time that fell by three seconds is a CPU that was plugged in again', () => {
    const read = reader()
    read('cpu0 500 0 100 1000 100 0 0 0 0 0\n')
    expect(seconds(read, 'cpu0 1 0 0 700 0 0 0 0 0 0\n')).toEqual([
      ['0', 0.01, 0, 0, 7, 0, 0, 0, 0, 0, 0],
    ])
  })
  test('a CPU that went offline has no row, and begins anew', () => {
    const read = reader()
    read('cpu0 9 9 9 99\ncpu1 500 0 100 200\n')
    expect(read('cpu0 9 9 9 99\n').machine['cpu_cores']).toBe(1)
    expect(seconds(read, 'cpu0 9 9 9 99\ncpu1 3 0 1 2\n')[1]!.slice(0, 5)).toEqual([
      '1',
      0.03,
      0,
      0.01,
      0.02,
    ])
  })

  test('never fall, except when the CPU was plugged in again', () => {
    const line = fc.array(fc.nat({ max: 2_000 }), { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 20 }), (passes) => {
        const read = reader()
        let before: readonly number[] = []
        for (const ticks of passes) {
          const now = [...read(`cpu0 ${ticks.join(' ')}\n`).cpus[0]!.values]
          const replugged = before[3]! - ticks[3]! / 100 >= 3
          const fell = now.filter((value, i) => value < before[i]!)
          expect(replugged ? [] : fell).toEqual([])
          before = now
        }
      }),
    )
  })
})

describe('malformed', () => {
  const f = (text: string, expected: RegExp) => {
    expect(() => reader()(text)).toThrow(MalformedFile)
    expect(() => reader()(text)).toThrow(expected)
  }
  test('nothing', () => f('', /a line `cpu0 …`/))
  test('only the sum', () => f('cpu 1 2 3 4\n', /a line `cpu0 …`/))
  test('too few columns', () => f('cpu0 1 2 3\n', /`cpu0 user nice …`, found "cpu0 1 2 3"/))
  test('no number', () => f('cpu0 1 2 3 4\nctxt x\n', /a number, found "x"/))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['cpu', 'cpu0 1 2 3 4 5\n', 'ctxt ', 'btime 1\n'], (bytes) => {
    const { machine, cpus } = reader()(bytes.toString('latin1'))
    return [...Object.values(machine), ...cpus.flatMap((row) => [...row.values])]
  })
})

describe('flags', () => {
  const f = (settings: Readonly<Record<string, unknown>>) =>
    readRows(stat, fixture('hardware-made'), settings)
  test('softirqs by kind', () => {
    const rows = f({ 'collector.stat.softirq': true })
    const vectors = shown(rows.filter(({ table }) => table.name === 'machine_softirq_vectors'))
    expect(Object.keys(vectors)).toHaveLength(10)
    expect(vectors).toMatchObject({
      hi: { total: 1 },
      block_iopoll: { total: 6 },
      rcu: { total: 10 },
    })
  })
  test('none without it', () => expect(f({})).toEqual([]))
  test('guests can be left out', () => {
    const times = (settings: Readonly<Record<string, unknown>>) =>
      present(readRows(cpu, fixture('hardware-made'), settings)[0]!)
    expect(times({ 'collector.cpu.guest': false })).not.toHaveProperty('guest_user_seconds')
    expect(times({})).toHaveProperty('guest_user_seconds', 0)
  })
})

test('both readers of the file share a reading, and each of their passes has a new one', () => {
  const root = copy('hardware-made')
  const context = {
    files: filesOf(root),
    machine: MACHINE,
    values: emptyRow(machine, MACHINE).values,
    settings: {},
  }
  const [readStat, readCpu] = [stat.open(context), cpu.open(context)]
  const forks = columnOf(machine, 'forks')
  const idle = () => rowsOf(readCpu(0))[0]!.values[CPU_MODES.indexOf('idle')]
  const put = (ticks: number) =>
    write(root, { 'proc/stat': `cpu0 1 1 1 ${ticks}\nprocesses ${ticks}\n` })
  put(100)
  readStat(0)
  put(900)
  expect([context.values[forks], idle()]).toEqual([100, 1])
  expect(idle()).toBe(9)
  readStat(0)
  expect(context.values[forks]).toBe(900)
})

test('any bytes have softirqs, none, or are malformed', () => {
  recordOrMalformed(['softirq ', '1 2 3 4 5 6 7 8 9 10 11\n'], (bytes) => {
    const vectors = new KeptRows(machineSoftirqVectors, MACHINE)
    vectors.begin()
    parseSoftirqLine(bytes, bytes.length, vectors)
    return vectors.finish().flatMap((row) => [...row.values])
  })
})
