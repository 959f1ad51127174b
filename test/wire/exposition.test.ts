import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entities } from '../../catalog/entity.ts'
import {
  machineAgent,
  machineAgentBuild,
  machineAgentEntities,
} from '../../catalog/tables/machine-agent.ts'
import { columnOf, tables } from '../../catalog/tables.ts'
import { containerInfo } from '../../catalog/tables/container-info.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machineReader } from '../../catalog/tables/machine-reader.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { runtimeGc, runtime } from '../../catalog/tables/runtime.ts'
import type { Table } from '../../catalog/metric.ts'
import type { Format } from '../../wire/exposition-format.ts'
import { renderChunks, renderRows, takeSnapshot } from '../../wire/exposition.ts'
import { emptyRow, type Entity, type ForeignFamily, type Row } from '../../wire/sample.ts'
import { needs, promtool } from '../peers/peers.ts'
import { passes } from './passes.ts'

interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const HELP = /^# HELP (\S+) .+$/u
const TYPE = /^# TYPE (\S+) (counter|gauge|untyped|histogram|unknown)$/
const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/su
const LABEL = /^([A-Za-z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/su
const INFINITIES: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity }

/** Reads back what was written; throws on what Prometheus would refuse. */
function parse(text: string, format: Format = 'text'): Series[] {
  const series: Series[] = []
  const families = new Set<string>()
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no end')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no end of OpenMetrics')
  let family = ''
  let kind = ''
  for (const line of lines) {
    const help = HELP.exec(line)?.[1]
    if (help !== undefined) {
      if (families.has(help)) throw new Error(`a second HELP of ${help}`)
      families.add(help)
      family = help
      continue
    }
    const type = TYPE.exec(line)
    const [, name, labels = '', number = ''] = LINE.exec(line) ?? []
    kind = type?.[2] ?? kind
    const suffix = format === 'openmetrics' && kind === 'counter' ? '_total' : ''
    const wanted = type === null ? family + suffix : family
    const found = (type?.[1] ?? name ?? '').replace(
      kind === 'histogram' ? /_(?:bucket|sum|count)$/ : /$^/,
      '',
    )
    if (found !== wanted) throw new Error(`not in ${wanted}: ${line}`)
    if (name !== undefined) {
      series.push({
        name,
        labels: parseLabels(labels),
        value: INFINITIES[number] ?? Number(number),
      })
    }
  }
  return series
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let previous = ''
  for (let rest = text; rest !== '';) {
    const [pair, name, value] = LABEL.exec(rest) ?? []
    if (pair === undefined || name! <= previous) throw new Error(`labels: ${rest}`)
    previous = name!
    labels[name!] = value!.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
    rest = rest.slice(pair.length)
  }
  return labels
}

const expected = (rows: readonly Row[]): Series[] =>
  rows.flatMap(({ table, entity, keys, values }) =>
    table.metrics.flatMap((metric, i): Series[] => {
      if (Number.isNaN(values[i])) return []
      const pairs = [
        ...Object.entries(metric.labels ?? {}),
        ...entities[entity.kind].labels.map(({ label, attribute }) => [
          label,
          entity.attributes[attribute] ?? '',
        ]),
        ...table.keys.map(({ label }, k) => [label, keys[k]!]),
      ].filter(([, value]) => value !== '') as [string, string][]
      return [{ name: metric.prom, labels: Object.fromEntries(pairs), value: values[i]! }]
    }),
  )

const sorted = (series: readonly Series[]) =>
  series
    .map(({ name, labels, value }) =>
      JSON.stringify([
        name,
        Object.keys(labels)
          .toSorted()
          .map((key) => [key, labels[key]]),
        String(value),
      ]),
    )
    .toSorted()

test('what is read back is what the rows say', () => {
  fc.assert(
    fc.property(passes, ({ rows }) => {
      for (const format of ['text', 'openmetrics'] as const) {
        const text = renderRows(rows, format).toString('utf8')
        expect(sorted(parse(text, format))).toEqual(sorted(expected(rows)))
        expect(renderRows(rows, format).toString('utf8')).toBe(text)
      }
    }),
  )
})

test('numbers read back as the same double', () => {
  const host: Entity = { kind: 'machine', attributes: {} }
  const row = emptyRow(machine, host)
  const decimal = fc
    .tuple(fc.maxSafeInteger(), fc.constantFrom(1, 10, 1e3, 1e6, 1e9, 1e12))
    .map(([whole, scale]) => whole / scale)
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true }), decimal), (value) => {
      row.values[0] = value
      expect(parse(renderRows([row]).toString())[0]!.value === value).toBe(true)
    }),
  )
})

test('every name has one table, one kind and one help, so that a scrape is never refused', () => {
  const owners = tables.flatMap((table) =>
    table.metrics.map(({ prom, kind, help }) => ({ prom, owner: `${table.name} ${kind} ${help}` })),
  )
  const torn = [...Map.groupBy(owners, ({ prom }) => prom)]
    .filter(([, rows]) => new Set(rows.map(({ owner }) => owner)).size > 1)
    .map(([prom]) => prom)
  expect(torn).toEqual([])
})

const machineEntity: Entity = {
  kind: 'machine',
  attributes: { 'host.id': 'h1', 'host.name': 'web-1' },
}
const containerEntity: Entity = {
  kind: 'container',
  attributes: {
    'host.id': 'h1',
    'candor.cgroup.path': '/docker/4f"1e\\\n',
    'container.name': 'web',
  },
}
const runtimeEntity: Entity = {
  kind: 'runtime',
  attributes: { 'host.id': 'h1', 'process.pid': '4242', 'candor.cgroup.path': '/docker/4f' },
}

const row = (table: Table, entity: Entity, keys: string[], values: Record<string, number>): Row => {
  const made = emptyRow(table, entity, keys)
  for (const [column, value] of Object.entries(values)) made.values[columnOf(table, column)] = value
  return made
}

test('attributes of an entity are labels where its table says so, each name once', () => {
  const entity = {
    kind: 'container',
    attributes: {
      'candor.cgroup.path': '/docker/4f',
      'container.label.com.example/team': 'shop "a"',
      'container.label.com.example.team': 'shop b',
      'container.labels': 'no',
    },
  } as const
  const ofTable = (table: Table) =>
    renderRows([row(table, entity, [], { [table.metrics[0]!.column]: 1 })])
  expect(String(ofTable(containerInfo))).toContain(
    'candor_container_info{container_label_com_example_team="shop b;shop \\"a\\"",id="/docker/4f"} 1\n',
  )
  expect(String(ofTable(container))).not.toContain('com_example')
})

const rows = [
  row(container, containerEntity, [], {
    cpu_usage_seconds: 12.5,
    memory_usage_bytes: 268_435_456,
    pressure_cpu_waiting_seconds: 0.25,
  }),
  row(machine, machineEntity, [], {
    cpu_cores: 2,
    load1: 0.07,
    memory_mem_total_bytes: 8_360_013_824,
    vmstat_pgfault: 9_007_199_254_740_991,
    pressure_io_stalled_seconds: 1e-7,
  }),
  row(machineCpu, machineEntity, ['0'], { user_seconds: 1.5, idle_seconds: 100 }),
  row(machineCpu, machineEntity, ['1'], { user_seconds: 2.5, idle_seconds: 99.99 }),
  row(machineReader, machineEntity, ['stat'], { duration_seconds: 0.000123, success: 1 }),
  row(runtime, runtimeEntity, [], { heap_max_bytes: 536_870_912 }),
  row(runtimeGc, runtimeEntity, ['G1 Young'], { collections: 3, seconds: 0.012 }),
  row(machineAgentBuild, machineEntity, ['0.1.0', 'v24.21.0'], { info: 1 }),
  row(machineAgentEntities, machineEntity, ['machine'], { entities: 1 }),
  row(machineAgentEntities, machineEntity, ['runtime'], { entities: 2 }),
  row(machineAgentEntities, machineEntity, ['container'], { entities: 1 }),
  row(machineAgent, machineEntity, [], { passes: 7 }),
]

test('a small machine', async () => {
  const text = renderRows(rows).toString()
  expect(parse(text)).toHaveLength(expected(rows).length)
  await expect(text).toMatchFileSnapshot('../golden/exposition/small-machine.txt')
})

/**
 * promtool's lint wants other names for some, but they are those of node_exporter, cAdvisor and of
 * OpenTelemetry's JVM conventions, which dashboards know. Ours have no excuse.
 */
const NAMES_OF_OTHERS = /^(?:node|container|machine|jvm)_\S+ /

test.skipIf(needs('promtool'))('promtool has nothing against any other name', async () => {
  const entity = { machine: machineEntity, container: containerEntity, runtime: runtimeEntity }
  const all = tables.map((table) => {
    const made = emptyRow(
      table,
      entity[table.entity],
      table.keys.map(() => 'k'),
    )
    made.values.fill(1.5)
    return made
  })
  const { stdout, stderr } = await promtool(['check', 'metrics'], {
    input: renderRows(all),
  })
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  expect(complaints.filter((line) => !NAMES_OF_OTHERS.test(line))).toEqual([])
  expect(complaints).not.toEqual([])
})

test('lone surrogates become valid UTF-8', () => {
  const entity: Entity = { kind: 'container', attributes: { 'candor.cgroup.path': '/\ud800' } }
  const bytes = renderRows([row(container, entity, [], { threads: 1 })])
  expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toContain('id="/\ufffd"')
})

/** The number of one gauge, as it stands on the page. */
const numberOf = (value: number): string => {
  const made = row(machine, machineEntity, [], { load1: value })
  return / (\S+)\n$/.exec(renderRows([made]).toString())![1]!
}

test('numbers are as short as they can be', () => {
  const f = (value: number, want = String(value)) => expect(numberOf(value)).toBe(want)
  f(0)
  f(-0, '0')
  f(99_999_999)
  f(100_000_000)
  f(1_700_000_000_123)
  f(9_007_199_254_740_991)
  f(9_007_199_254_740_992)
  f(1e21)
  f(-5)
  f(-0.25)
  f(0.5)
  f(0.07)
  f(123_456.789_012_345)
  f(1.000_000_001)
  f(999_999.999_999_999)
  f(1_234_567.123_456_7)
  f(0.1 + 0.2)
  f(1e-6)
  f(0.000_000_5)
  f(5e-324)
  f(Infinity, '+Inf')
  f(-Infinity, '-Inf')
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      f(value)
    }),
  )
})

test('OpenMetrics names a counter without its suffix, and what is none by its whole name', () => {
  const text = renderRows(rows, 'openmetrics').toString()
  expect(parse(text, 'openmetrics')).toHaveLength(expected(rows).length)
  const type = (name: string) => new RegExp(`^# TYPE ${name} (.*)$`, 'm').exec(text)?.[1]
  expect(type('node_cpu_seconds')).toBe('counter')
  expect(type('node_cpu_seconds_total')).toBeUndefined()
  expect(type('node_vmstat_pgfault')).toBe('unknown')
  expect(type('node_load1')).toBe('gauge')
  expect(type('candor_agent_build_info')).toBe('gauge')
  expect(text).toMatch(/\n# EOF\n$/)
})

const sample = (name: string, value: number, labels: Record<string, string> = {}) => ({
  name,
  value,
  labels: Object.entries(labels),
})
const foreign: readonly ForeignFamily[] = [
  {
    name: 'zz_jobs',
    type: 'counter',
    help: 'Say "a\\b"\nc',
    samples: [sample('zz_jobs', 3, { q: 'a"\n\\' })],
  },
  {
    name: 'a_seconds',
    type: 'histogram',
    help: 'h',
    samples: [
      sample('a_seconds_bucket', 1, { le: '+Inf' }),
      sample('a_seconds_sum', Number.NaN),
      sample('a_seconds_count', 1),
    ],
  },
  {
    name: 'node_cpu_seconds',
    type: 'gauge',
    help: 'Not the counter.',
    samples: [sample('node_cpu_seconds', 1)],
  },
]

test('families of others stand among ours, by name', () => {
  for (const format of ['text', 'openmetrics'] as const) {
    const text = renderRows(rows, format, foreign).toString()
    expect(parse(text, format)).toHaveLength(expected(rows).length + 5)
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('node_cpu_seconds_total')
    expect(text).toContain('zz_jobs{q="a\\"\\n\\\\"} 3\n')
    expect(text).toContain('a_seconds_sum NaN\n')
    const stems = names.map((name) => name.replace(/_total$/, ''))
    expect(stems).toEqual(stems.toSorted())
  }
  expect(renderRows([], 'text', foreign).toString()).toContain('# HELP zz_jobs Say "a\\\\b"\\nc\n')
  expect(renderRows([], 'openmetrics', foreign).toString()).toContain(
    '# HELP zz_jobs Say \\"a\\\\b\\"\\nc\n# TYPE zz_jobs unknown\n',
  )
})

test('the next pass does not show in what is being rendered', () => {
  const many = Array.from({ length: 2_000 }, (_, i) =>
    row(container, { ...containerEntity, attributes: { 'candor.cgroup.path': `/${i}` } }, [], {
      threads: 1,
    }),
  )
  const chunks = renderChunks(takeSnapshot(many))
  const texts = [chunks.next().value!.toString()]
  for (const { values } of many) values.fill(2)
  for (const chunk of chunks) texts.push(chunk.toString())
  expect(texts.length).toBeGreaterThan(3)
  const series = parse(texts.join(''))
  expect(series).toHaveLength(2_000)
  expect(series.every(({ value }) => value === 1)).toBe(true)
})

test('of a row that is wanted in part, nothing else is told', () => {
  const made = row(machine, machineEntity, [], { load1: 1, load5: 5, cpu_cores: 2 })
  const only = new Map([[made, [columnOf(machine, 'load5')]]])
  const text = Array.from(renderChunks(takeSnapshot([made], [], only)), String).join('')
  expect(parse(text).map(({ name }) => name)).toEqual(['node_load5'])
})

test.skipIf(needs('promtool'))('promtool reads what hostile names become', async () => {
  const entity: Entity = {
    kind: 'container',
    attributes: { 'candor.cgroup.path': '/a"b\\c\nd\u0000\u2028}{,="', 'container.name': '# EOF' },
  }
  const { stdout, stderr } = await promtool(['check', 'metrics'], {
    input: renderRows([row(container, entity, [], { threads: 1 })], 'text', foreign),
  })
  expect(`${stdout}${stderr}`).not.toMatch(/error/i)
})
