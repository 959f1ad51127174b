import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AgentPass, READERS, Sampler, type SamplerOptions } from '../../agent/pass.ts'
import { copy, FIXTURES, type Fixture, fixture, optionsOf, present, render } from './machine.ts'

const START_MS = 1_800_000_000_000

function passOf(root: string, options: Partial<SamplerOptions> = {}): AgentPass {
  const sampler = new Sampler({ ...optionsOf(root), ...options })
  try {
    return sampler.pass(START_MS)
  } finally {
    sampler.close()
  }
}

const report = (pass: AgentPass, name: string) => pass.readers.find((one) => one.name === name)!
const success = (pass: AgentPass) =>
  Object.fromEntries(
    pass.rows
      .filter(({ table }) => table.name === 'machine_reader')
      .map((row) => [row.keys[0], present(row)['success']]),
  )

test.each(FIXTURES)('%s: every row of a pass', async (name) => {
  const pass = passOf(fixture(name))
  expect(pass.unread).toEqual([])
  await expect(render(pass.rows)).toMatchFileSnapshot(`../golden/agent/${name}.txt`)
})

test('a second pass over the same files gives the same rows', () => {
  const sampler = new Sampler(optionsOf(fixture('hybrid-firecracker-6.18')))
  const first = render(sampler.pass(START_MS).rows)
  const second = sampler.pass(START_MS + 10_000)
  expect(render(second.rows)).toBe(first)
  expect(second.timeMs).toBe(START_MS + 10_000)
  expect(second.openFiles).toBeGreaterThan(0)
  sampler.close()
})

test('rows are kept: the next pass fills the same ones', () => {
  const sampler = new Sampler(optionsOf(fixture('v2-kubernetes-6.8')))
  const first = sampler.pass(START_MS).rows
  const second = sampler.pass(START_MS + 10_000).rows
  expect(second.map((row, i) => row === first[i])).toEqual(second.map(() => true))
  sampler.close()
})

test('every reader is reported, in the order of READERS', () => {
  const pass = passOf(fixture('v2-kubernetes-6.8'))
  expect(pass.readers.map(({ name }) => name)).toEqual(READERS.map(({ name }) => name))
  expect(report(pass, 'stat')).toMatchObject({ state: 'on', rows: 3 })
  expect(report(pass, 'cgroup')).toMatchObject({ state: 'on', rows: 8 })
})

describe('a reader that is off says why and how to get it', () => {
  const f = (name: string, reader: string, reason: RegExp, cure: RegExp) => {
    const pass = passOf(fixture(name as Fixture))
    expect(report(pass, reader)).toMatchObject({ state: 'off', rows: 0 })
    expect(report(pass, reader).reason).toMatch(reason)
    expect(report(pass, reader).cure).toMatch(cure)
    expect(success(pass)).not.toHaveProperty(reader)
  }
  test('no PSI', () => f('v2-uml-6.1', 'pressure', /without PSI/, /psi=1/))
  test('by its flag', () => f('v2-uml-6.1', 'jvm', /switched off/, /--no-collector\.jvm/))
  test('no cgroups', () => {
    const pass = passOf(fixture('v2-uml-6.1'), { sysfs: '/nowhere' })
    expect(report(pass, 'cgroup').state).toBe('off')
    expect(report(pass, 'cgroup').reason).toContain('/nowhere/fs/cgroup')
    expect(pass.rows[0]!.entity.attributes['candor.cgroup.mode']).toBe('none')
  })
})

describe('the failure of one reader costs none of the others', () => {
  const broken = (path: string, text: string, reader: string) => {
    const root = copy('hybrid-firecracker-6.18')
    const whole = passOf(root)
    writeFileSync(`${root}/${path}`, text)
    const pass = passOf(root)
    expect(report(pass, reader)).toMatchObject({ state: 'failed', rows: 0 })
    expect(report(pass, reader).reason).toContain('expected')
    expect(report(pass, reader).cure).toContain('first line of the file')
    const before = success(whole)
    expect(success(pass)).toEqual({ ...before, [reader]: 0 })
    return { whole, pass }
  }
  test('of the machine row only its own columns go', () => {
    const { whole, pass } = broken('proc/meminfo', 'MemTotal: 12 kB\nMemFree: many\n', 'meminfo')
    const rest = Object.entries(present(whole.rows[0]!)).filter(([c]) => !c.startsWith('memory_'))
    expect(present(pass.rows[0]!)).toEqual(Object.fromEntries(rest))
  })
  test('of the tables with a key all rows go', () => {
    const { pass } = broken('proc/stat', 'cpu0 1 2\n', 'stat')
    expect(pass.rows.filter(({ table }) => table.name === 'machine_cpu')).toEqual([])
    expect(pass.rows.filter(({ table }) => table.name === 'machine_disk')).toHaveLength(1)
  })
  test('a file above the limit is not read to its end', () => {
    broken('proc/vmstat', 'x 1\n'.repeat(300_000), 'vmstat')
  })
})

test('a cgroup with a malformed file is counted, and the others are read', () => {
  const root = copy('v2-kubernetes-6.8')
  writeFileSync(`${root}/sys/fs/cgroup/system.slice/memory.stat`, 'anon much\n')
  const pass = passOf(root)
  expect(pass.unread).toEqual([{ kind: 'container', reason: 'malformed', count: 1 }])
  expect(report(pass, 'cgroup')).toMatchObject({ state: 'on', rows: 7 })
})

test('a name that the machine gets later is taken up within a minute', () => {
  const root = copy('v2-uml-6.1')
  const sampler = new Sampler(optionsOf(root))
  const nameAt = (ms: number) =>
    new Set(sampler.pass(START_MS + ms).rows.map((row) => row.entity.attributes['host.name']))
  expect(nameAt(0)).toEqual(new Set(['(none)']))
  writeFileSync(`${root}/proc/sys/kernel/hostname`, 'web-7\n')
  nameAt(30_000)
  expect(nameAt(60_000)).toEqual(new Set(['web-7']))
  sampler.close()
})

test('a file that vanishes leaves its reader off, not its last values', () => {
  const root = copy('v2-kubernetes-6.8')
  rmSync(`${root}/proc/diskstats`)
  const pass = passOf(root)
  expect(report(pass, 'diskstats')).toMatchObject({ state: 'off' })
  expect(pass.rows.filter(({ table }) => table.name === 'machine_disk')).toEqual([])
})
