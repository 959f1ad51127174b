import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findingRules } from '../../catalog/finding.ts'
import { findingLinks } from '../../catalog/findings/links.ts'
import type { Picture } from '../../command/picture.ts'
import { describe as page } from '../../command/report.ts'
import { printable, table } from '../../command/table.ts'
import { bytes, cores, figure, limit, percent } from '../../dashboards/console/units.js'

const MIB = 1 << 20
const believed = {
  name: 'maximum of the heap',
  value: 512 * MIB,
  unit: 'By',
  windowSeconds: 0,
  source: 'hsperfdata',
}
const enforced = { ...believed, name: 'memory limit', value: 256 * MIB, source: '/shop' }

const picture: Picture = {
  machine: {
    name: 'web-1',
    id: 'a',
    kernel: '6.1',
    cgroups: 'v2',
    cpus: 4,
    memoryBytes: 8 * 2 ** 30,
  },
  containers: [
    {
      id: '/shop',
      name: 'shop',
      runtime: 'docker',
      cpuUsedCores: 0.25,
      cpuLimitCores: 0.5,
      throttledRatio: 0.034,
      memoryWorkingSetBytes: 200 * MIB,
      memoryLimitBytes: 256 * MIB,
      oomKills: 2,
    },
    { id: '/other', name: 'other', cpuLimitCores: null, memoryLimitBytes: null },
  ],
  runtimes: [{ pid: 7, runtime: 'jvm', name: 'Shop', version: '17.0.1', heapMaxBytes: 512 * MIB }],
  jvms: { readable: 1, total: 1, unread: [] },
  findings: [
    {
      id: 'jvm.heap-exceeds-limit/a/7/then',
      rule: 'jvm.heap-exceeds-limit',
      severity: 'critical',
      confidence: 'exact',
      summary: 'The JVM may grow its heap to 512 MiB.',
      believed,
      enforced,
      evidence: [believed, enforced, { ...believed, name: 'expected beside the heap', value: MIB }],
      fix: 'replace -Xmx512m by -XX:MaxRAMPercentage=54.0',
      fixValues: {},
      entity: { 'process.pid': '7' },
      name: 'pid 7 (Shop)',
      machine: 'web-1',
      consequences: [
        {
          id: 'jvm.gc-thrash/a/7/then',
          rule: 'jvm.gc-thrash',
          severity: 'high',
          confidence: 'exact',
          summary: 'It collects all the time.',
          evidence: [],
          fix: 'a larger heap',
          fixValues: {},
          entity: { 'process.pid': '7' },
          name: 'pid 7 (Shop)',
          machine: 'web-1',
          links: findingLinks['jvm.gc-thrash'],
        },
      ],
      links: findingLinks['jvm.heap-exceeds-limit'],
    },
  ],
  notJudged: [{ rule: 'strand.cpu', name: 'web-1', reason: '2 s of history, 3600 s are needed' }],
  readers: [
    { name: 'stat', state: 'on', durationSeconds: 0, rows: 1, found: [], columns: [] },
    {
      name: 'pressure',
      state: 'off',
      reason: 'no PSI',
      cure: 'add psi=1',
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
    {
      name: 'jvm',
      state: 'failed',
      reason: 'broken',
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
    {
      name: 'textfile',
      state: 'on',
      reason: 'a file is wrong',
      cure: 'mend it',
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
    {
      name: 'nfs',
      state: 'off',
      reason: 'no NFS client in the kernel',
      cure: 'none is needed without NFS mounts',
      notHere: true,
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
    {
      name: 'swap',
      state: 'off',
      reason: 'off by default',
      cure: 'add --collector.swap',
      notAsked: true,
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
  ],
  unread: [{ kind: 'runtime', reason: 'maps not readable', count: 3 }],
}

test('a page for people', async () => {
  const text = `${stripVTControlCharacters(page(picture))}\n`
  await expect(text).toMatchFileSnapshot('../golden/check.txt')
})

test('how many JVMs could be read, of those that are there', () => {
  const line = (readable: number, total: number) =>
    /\d+ of \d+ JVMs? readable/.exec(
      page({ ...picture, jvms: { readable, total, unread: [] } }),
    )?.[0]
  expect(line(1, 1)).toBe('1 of 1 JVM readable')
  expect(line(0, 2)).toBe('0 of 2 JVMs readable')
  expect(line(0, 0)).toBeUndefined()
})

test('where no rule about runtimes can judge they are not named one by one', () => {
  const reason = 'maps not readable'
  const notJudged = Object.values(findingRules)
    .filter(({ entity }) => entity === 'runtime')
    .map(({ id: rule }) => ({ rule, name: 'up to 3 processes', reason }))
  const text = stripVTControlCharacters(page({ ...picture, notJudged }))
  expect(text).toContain(
    'not judged: all rules about runtimes on up to 3 processes: maps not readable',
  )
  expect(text).not.toContain('node.uv-threadpool')
  const others = stripVTControlCharacters(page({ ...picture, notJudged: notJudged.slice(1) }))
  expect(others).toContain('node.uv-threadpool')
})

test('what was not measured is a dash, what does not exist is none, 0 is 0', () => {
  expect([bytes(undefined), bytes(0), bytes(1536), bytes(8 * 2 ** 30)]).toEqual([
    '–',
    '0 B',
    '1.5 KiB',
    '8 GiB',
  ])
  expect([cores(undefined), cores(0), cores(0.001), cores(1.5)]).toEqual([
    '–',
    '0.00',
    '<0.01',
    '1.50',
  ])
  expect([percent(undefined), percent(0), percent(0.5)]).toEqual(['–', '0 %', '50 %'])
  expect([limit(null, bytes), limit(undefined, bytes), limit(MIB, bytes)]).toEqual([
    'none',
    '–',
    '1 MiB',
  ])
  expect([figure(2, '{cpu}'), figure(0.25, '1'), figure(3, '{thread}')]).toEqual([
    '2 cores',
    '25 %',
    '3 thread',
  ])
})

test('no name reaches the terminal as anything but text', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007a\nb\u202Ec'
  const rows = [[hostile]]
  for (const text of [printable(hostile), table(['name'], rows)]) {
    expect(stripVTControlCharacters(text).replace(/\n {2}/, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(printable(name)).not.toMatch(/\p{C}/u)
    }),
  )
})
