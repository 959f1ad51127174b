import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type AgentPass, READERS, Sampler, type SamplerOptions } from '../../agent/pass.ts'
import { renderRows } from '../../wire/exposition.ts'
import type { Row } from '../../wire/sample.ts'
import { needs, promtool } from '../peers/peers.ts'
import {
  copy,
  FIXTURES,
  type Fixture,
  fixture,
  optionsOf,
  present,
  render,
  steady,
  write,
} from './fixture.ts'

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
const isContainer = ({ table }: Row) => table.name === 'container'
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

function scrapeOf(name: Fixture): string {
  const { rows } = passOf(fixture(name))
  const shown = rows.filter(({ table }) => table.name !== 'machine_reader').map(steady)
  return renderRows(shown).toString()
}

test.each(FIXTURES)('%s: the scrape', async (name) => {
  await expect(scrapeOf(name)).toMatchFileSnapshot(`../golden/agent/${name}.prom`)
})

/** Names that are node_exporter's, cAdvisor's or the kernel's, whatever their style. */
const FOREIGN = /^(?:node|container|machine)_/

test.skipIf(needs('promtool')).each(FIXTURES)('%s: the scrape, by promtool', async (name) => {
  const input = scrapeOf(name)
  const { code, stdout, stderr } = await promtool(['check', 'metrics'], { input })
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  expect(lines.filter((line) => !FOREIGN.test(line))).toEqual([])
  // 3: it dislikes names alone; 1 would be text that is no exposition.
  expect([0, 3]).toContain(code)
})

test('a second pass over the same files gives the same rows', () => {
  const options = optionsOf(fixture('hybrid-firecracker-6.18'))
  const sampler = new Sampler({ ...options, readers: { ...options.readers, time: false } })
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
  expect(report(pass, 'stat')).toMatchObject({ state: 'on', rows: 1 })
  expect(report(pass, 'cpu')).toMatchObject({ state: 'on', rows: 2 })
  expect(report(pass, 'cgroup')).toMatchObject({ state: 'on' })
  expect(report(pass, 'cgroup').found.filter(isContainer)).toHaveLength(8)
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
  test('no /proc', () => {
    const pass = passOf(fixture('v2-uml-6.1'), { procfs: '/nowhere', readers: {} })
    expect(report(pass, 'jvm')).toMatchObject({
      state: 'off',
      reason: 'no /proc under --path.procfs',
      cure: 'set --path.procfs to where /proc is mounted',
    })
    expect(pass.readers.filter(({ state }) => state === 'failed')).toEqual([])
  })
  test('no cgroups', () => {
    const pass = passOf(fixture('v2-uml-6.1'), { sysfs: '/nowhere' })
    expect(report(pass, 'cgroup').state).toBe('off')
    expect(report(pass, 'cgroup').reason).toContain('/nowhere/fs/cgroup')
    expect(pass.rows[0]!.entity.attributes['candor.cgroup.mode']).toBe('none')
  })
})

describe('the failure of one reader costs none of the others', () => {
  const broken = (path: string, text: string, reader: string, ...others: string[]) => {
    const root = copy('hybrid-firecracker-6.18')
    const whole = passOf(root)
    writeFileSync(`${root}/${path}`, text)
    const pass = passOf(root)
    expect(report(pass, reader)).toMatchObject({ state: 'failed', rows: 0 })
    expect(report(pass, reader).reason).toContain('expected')
    expect(report(pass, reader).cure).toContain('first line of the file')
    const before = success(whole)
    const failed = [reader, ...others].map((name) => [name, 0])
    expect(success(pass)).toEqual({ ...before, ...Object.fromEntries(failed) })
    return { whole, pass }
  }
  test('of the machine row only its own columns go', () => {
    const { whole, pass } = broken('proc/meminfo', 'MemTotal: 12 kB\nMemFree: many\n', 'meminfo')
    const rest = Object.entries(present(whole.rows[0]!)).filter(([c]) => !c.startsWith('memory_'))
    expect(present(pass.rows[0]!)).toEqual(Object.fromEntries(rest))
  })
  test('of the tables with a key all rows go', () => {
    const { pass } = broken('proc/stat', 'cpu0 1 2\n', 'stat', 'cpu')
    expect(pass.rows.filter(({ table }) => table.name === 'machine_cpu')).toEqual([])
    expect(pass.rows.filter(({ table }) => table.name === 'machine_disk')).toHaveLength(1)
  })
  test('a file above the limit is not read to its end', () => {
    broken('proc/pressure/cpu', 'x 1\n'.repeat(300_000), 'pressure')
  })
})

test('a cgroup with a malformed file is counted, and the others are read', () => {
  const root = copy('v2-kubernetes-6.8')
  writeFileSync(`${root}/sys/fs/cgroup/system.slice/memory.stat`, 'anon much\n')
  const pass = passOf(root)
  expect(pass.unread).toEqual([{ kind: 'container', reason: 'malformed', count: 1 }])
  const [unread] = pass.rows.filter(({ table }) => table.name === 'machine_unread')
  expect(unread?.keys).toEqual(['container', 'malformed'])
  expect(present(unread!)).toEqual({ entities: 1 })
  expect(report(pass, 'cgroup')).toMatchObject({ state: 'on' })
  expect(report(pass, 'cgroup').found.filter(isContainer)).toHaveLength(7)
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

describe('what ended', () => {
  const JOB = '/job'
  const machine = () => {
    const root = copy('v2-uml-6.1')
    const job = `sys/fs/cgroup${JOB}/cpu.stat`
    write(root, { [job]: 'usage_usec 4000000\n' })
    const sampler = new Sampler(optionsOf(root))
    onTestFinished(() => sampler.close())
    const passAt = (ms: number) => sampler.pass(START_MS + ms)
    const end = () => {
      rmSync(`${root}/sys/fs/cgroup${JOB}`, { recursive: true })
      write(root, { 'sys/fs/cgroup/cgroup.stat': 'nr_descendants 999\n' })
    }
    return { root, passAt, end }
  }
  const sums = ({ rows }: AgentPass) =>
    rows.filter(({ table }) => table.name === 'machine_finished')
  const endedOf = ({ ended = [] }: AgentPass) =>
    ended.map(({ entity, timeMs, rows }) => ({
      path: entity.attributes['candor.cgroup.path'],
      timeMs,
      cpuSeconds: present(rows[0]!)['cpu_usage_seconds'],
    }))
  const LAST = { path: JOB, timeMs: START_MS, cpuSeconds: 4 }

  test('is in the next pass alone, and no row of it; its sums stay', () => {
    const { passAt, end } = machine()
    expect(endedOf(passAt(0))).toEqual([])
    end()
    const pass = passAt(10_000)
    expect(endedOf(pass)).toEqual([LAST])
    expect(
      pass.rows.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === JOB),
    ).toEqual([])
    const after = passAt(20_000)
    expect(endedOf(after)).toEqual([])
    expect(sums(after).map(present)).toMatchObject([{ containers: 1, cpu_seconds: 4 }])
  })
  test('in the pass in which the machine gets another name too', () => {
    const { root, passAt, end } = machine()
    passAt(0)
    end()
    write(root, { 'proc/sys/kernel/hostname': 'web-7\n' })
    const pass = passAt(60_000)
    expect(endedOf(pass)).toEqual([LAST])
    const [row, ...others] = sums(pass)
    expect(others).toEqual([])
    expect(row!.entity.attributes['host.name']).toBe('web-7')
    expect(present(row!)).toMatchObject({ containers: 1, cpu_seconds: 4 })
  })
  test('nothing ends because the machine gets another name', () => {
    const { root, passAt } = machine()
    passAt(0)
    write(root, { 'proc/sys/kernel/hostname': 'web-7\n' })
    const pass = passAt(60_000)
    expect(endedOf(pass)).toEqual([])
    expect(sums(pass)).toEqual([])
  })
})

/** A process with all that the kernel shows of one, which has a virtual machine and no counters. */
function writeJvm(root: string, pid: number): void {
  const stat = `${pid} (java) S 1 2 3 4 5 0 1 2 3 4 5 6 7 8 20 0 9 0 500 5 6\n`
  const files = {
    stat,
    [`task/${pid}/stat`]: stat,
    maps: '7f1e80e00000-7f1e81400000 r-xp 0 fe:00 5461 /usr/lib/libjvm.so\n',
    status: 'Uid:\t0\t0\t0\t0\nNSpid:\t7\n',
    cmdline: 'java\0Main\0',
    environ: '',
    mountinfo: '1 0 8:1 / / rw - ext4 /dev/a rw\n',
  }
  write(
    root,
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`proc/${pid}/${name}`, text])),
  )
  symlinkSync('/usr/bin/java', `${root}/proc/${pid}/exe`)
}

describe('when the clock was set', () => {
  const PROCESS_START_MS = 5_000
  const stat = (btime: number) => `cpu0 1 1 1 1 1 1 1 1\nbtime ${btime}\n`
  function machine(readers: Readonly<Record<string, boolean>>) {
    const root = copy('v2-uml-6.1')
    rmSync(`${root}/proc/4242`, { recursive: true })
    write(root, { 'proc/stat': stat(1_700_000_000) })
    writeJvm(root, 7)
    const sampler = new Sampler({ ...optionsOf(root), readers })
    onTestFinished(() => sampler.close())
    const startsAt = (ms: number) => {
      const { rows } = sampler.pass(START_MS + ms)
      const starts = (prefix: string) =>
        new Set(
          rows
            .filter(({ table }) => table.name.startsWith(prefix))
            .map(({ entity }) => [entity.attributes['process.pid'], entity.startMs]),
        )
      return { machine: starts('machine'), runtimes: Object.fromEntries(starts('runtime')) }
    }
    return { root, startsAt }
  }
  const EARLIER_MS = 1_700_000_000_000
  const LATER_MS = 1_700_000_900_000

  test.each([
    ['with the reader of stat', {}],
    ['without it', { stat: false }],
  ])('%s: all rows of the machine begin with the new boot', (_, readers) => {
    const { root, startsAt } = machine(readers)
    const begins = (ms: number) => new Set([...startsAt(ms).machine].map(([, start]) => start))
    expect(begins(0)).toEqual(new Set([EARLIER_MS]))
    write(root, { 'proc/stat': stat(1_700_000_900) })
    expect(begins(60_000)).toEqual(new Set([LATER_MS]))
  })
  test('a process that was known keeps its start, and one that comes has the new one at once', () => {
    const { root, startsAt } = machine({})
    const known = { 7: EARLIER_MS + PROCESS_START_MS }
    expect(startsAt(0).runtimes).toEqual(known)
    write(root, { 'proc/stat': stat(1_700_000_900) })
    writeJvm(root, 8)
    const both = { ...known, 8: LATER_MS + PROCESS_START_MS }
    expect(startsAt(10_000).runtimes).toEqual(both)
    expect(startsAt(60_000).runtimes).toEqual(both)
  })
  test('it keeps it when the machine gets another name too', () => {
    const { root, startsAt } = machine({})
    const { runtimes } = startsAt(0)
    write(root, { 'proc/stat': stat(1_700_000_900), 'proc/sys/kernel/hostname': 'web-7\n' })
    const after = startsAt(60_000)
    expect(after.runtimes).toEqual(runtimes)
    expect(new Set([...after.machine].map(([, start]) => start))).toEqual(new Set([LATER_MS]))
  })
})

describe('a runtime says where it is only when that is known', () => {
  const f = (cgroup: string | undefined, readers: Readonly<Record<string, boolean>> = {}) => {
    const root = copy('v2-uml-6.1')
    writeJvm(root, 7)
    write(root, { ...(cgroup !== undefined && { 'proc/7/cgroup': cgroup }) })
    const { rows } = passOf(root, { readers })
    const row = rows.find(({ entity }) => entity.attributes['process.pid'] === '7')!
    return row.entity.attributes['candor.cgroup.path']
  }
  test('in the root cgroup', () => expect(f('0::/\n')).toBe('/'))
  test('in another', () => expect(f('0::/system.slice\n')).toBe('/system.slice'))
  test('in one that is not read', () => expect(f('0::/elsewhere\n')).toBeUndefined())
  test('nowhere that the kernel tells', () => expect(f(undefined)).toBeUndefined())
  test('with the reader of cgroups off', () =>
    expect(f('0::/\n', { cgroup: false })).toBeUndefined())
})

test('a file that vanishes leaves its reader off, not its last values', () => {
  const root = copy('v2-kubernetes-6.8')
  rmSync(`${root}/proc/diskstats`)
  const pass = passOf(root)
  expect(report(pass, 'diskstats')).toMatchObject({ state: 'off' })
  expect(pass.rows.filter(({ table }) => table.name === 'machine_disk')).toEqual([])
})
