import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entities } from '../../catalog/entity.ts'
import { own } from '../../catalog/own.ts'
import { columnOf, tables } from '../../catalog/tables.ts'
import { containerInfo } from '../../catalog/tables/container-info.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machineReader } from '../../catalog/tables/machine-reader.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { runtimeGc, runtime } from '../../catalog/tables/runtime.ts'
import type { Table } from '../../catalog/metric.ts'
import { type OwnSample, renderRows } from '../../wire/exposition.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import { needs, promtool } from '../peers/peers.ts'
import { passes } from './passes.ts'

interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const HELP = /^# HELP (\S+) .+$/u
const TYPE = /^# TYPE (\S+) (?:counter|gauge|untyped)$/
const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/su
const LABEL = /^([A-Za-z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/su
const INFINITIES: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity }

/** Reads back what was written; throws on what Prometheus would refuse. */
function parse(text: string): Series[] {
  const series: Series[] = []
  const families = new Set<string>()
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no end')
  let family = ''
  for (const line of lines) {
    const help = HELP.exec(line)?.[1]
    if (help !== undefined) {
      if (families.has(help)) throw new Error(`a second HELP of ${help}`)
      families.add(help)
      family = help
      continue
    }
    const [, name, labels = '', number = ''] = LINE.exec(line) ?? []
    if ((TYPE.exec(line)?.[1] ?? name) !== family) throw new Error(`not in ${family}: ${line}`)
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
      const text = renderRows(rows, []).toString('utf8')
      expect(sorted(parse(text))).toEqual(sorted(expected(rows)))
      expect(renderRows(rows, []).toString('utf8')).toBe(text)
    }),
  )
})

test('numbers read back as the same double', () => {
  const host: Entity = { kind: 'machine', attributes: {} }
  const row = emptyRow(machine, host)
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      row.values[0] = value
      expect(parse(renderRows([row], []).toString())[0]!.value === value).toBe(true)
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
  const names = new Set(owners.map(({ prom }) => prom))
  expect(Object.values(own).filter(({ prom }) => names.has(prom))).toEqual([])
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
    renderRows([row(table, entity, [], { [table.metrics[0]!.column]: 1 })], [])
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
]
const ownSamples: OwnSample[] = [
  { metric: own.agentBuild, labelValues: ['0.1.0', 'v24.21.0'], value: 1 },
  { metric: own.agentEntities, labelValues: ['machine'], value: 1 },
  { metric: own.agentEntities, labelValues: ['runtime'], value: 2 },
  { metric: own.agentEntities, labelValues: ['container'], value: 1 },
  { metric: own.agentPasses, labelValues: [], value: 7 },
]

test('a small machine', async () => {
  const text = renderRows(rows, ownSamples).toString()
  expect(parse(text)).toHaveLength(expected(rows).length + ownSamples.length)
  await expect(text).toMatchFileSnapshot('../golden/exposition/small-machine.txt')
})

/**
 * promtool's lint wants other names for these, but they are those of node_exporter and of
 * OpenTelemetry's JVM conventions, which dashboards know.
 */
const NAMES_OF_OTHERS =
  /^(?:node_memory_\S+ metric names should be written in 'snake_case'|jvm_(?:class|thread)_count non-histogram)/

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
    input: renderRows(all, ownSamples),
  })
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  expect(complaints.filter((line) => !NAMES_OF_OTHERS.test(line))).toEqual([])
  expect(complaints).not.toEqual([])
})

test('lone surrogates become valid UTF-8', () => {
  const entity: Entity = { kind: 'container', attributes: { 'candor.cgroup.path': '/\ud800' } }
  const bytes = renderRows([row(container, entity, [], { threads: 1 })], [])
  expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toContain('id="/\ufffd"')
})
