import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { AgentPass, ReaderReport } from '../../../agent/pass.ts'
import type { Body, Encoding } from '../../../agent/web/body.ts'
import { Expositions, type Wanted } from '../../../agent/web/expositions.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { machineAgent } from '../../../catalog/tables/machine-agent.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machineReader } from '../../../catalog/tables/machine-reader.ts'
import { machineUnread } from '../../../catalog/tables/machine-unread.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow, type Entity, type Row } from '../../../wire/sample.ts'
import { readExposition } from '../../read-exposition.ts'

const host: Entity = { kind: 'machine', attributes: { 'host.id': 'h' } }
const load1 = columnOf(machine, 'load1')
const cores = columnOf(machine, 'cpu_cores')

const cpuRows = Array.from({ length: 600 }, (_, i) => {
  const row = emptyRow(machineCpu, host, [String(i)])
  row.values.fill(1)
  return row
})
const filled = (row: Row, value: number): Row => {
  row.values.fill(value)
  return row
}
const report = (name: string, found: readonly Row[], columns: readonly number[]): ReaderReport => ({
  name,
  state: 'on',
  durationSeconds: 0,
  rows: found.length,
  found,
  columns,
})

/** A pass in which every value is `value`; its rows are the same each time. */
const machineRow = emptyRow(machine, host)
function passOf(value: number): AgentPass {
  machineRow.values.fill(Number.NaN)
  machineRow.values[load1] = value
  machineRow.values[cores] = value
  for (const row of cpuRows) row.values.fill(value)
  const readers = [report('loadavg', [], [load1]), report('cpu', cpuRows, [cores])]
  return {
    timeMs: 0,
    rows: [
      machineRow,
      ...cpuRows,
      ...readers.map(({ name }) => filled(emptyRow(machineReader, host, [name]), value)),
      filled(emptyRow(machineUnread, host, ['container', 'r']), value),
    ],
    foreign: [
      { name: 'job', type: 'gauge', help: 'h', samples: [{ name: 'job', labels: [], value }] },
    ],
    readers,
    unread: [],
    durationSeconds: 0,
    openFiles: 0,
  }
}

const wanted = (encoding: Encoding = 'identity', more: Partial<Wanted> = {}): Wanted => ({
  filter: undefined,
  format: 'text',
  encoding,
  ...more,
})
const inflate = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gunzipSync(bytes),
  zstd: (bytes: Buffer) => zstdDecompressSync(bytes),
}
const textOf = ({ chunks, sizeBytes }: Body, encoding: Encoding = 'identity'): string => {
  const bytes = Buffer.concat(chunks)
  expect(bytes).toHaveLength(sizeBytes)
  return inflate[encoding](bytes).toString()
}
/** The values of a page, each once. */
const values = (text: string) =>
  new Set([...readExposition(text).values()].map(({ value }) => value))

test('a hundred scrapers at a time share one body, and so do later ones', async () => {
  let renders = 0
  const expositions = new Expositions(() => {
    renders += 1
    return []
  })
  const pass = passOf(1)
  for (const encoding of ['identity', 'gzip', 'zstd'] as const) {
    const bodies = await Promise.all(
      Array.from({ length: 100 }, () => expositions.body(pass, wanted(encoding))),
    )
    expect(new Set(bodies).size).toBe(1)
    expect(await expositions.body(pass, wanted(encoding))).toBe(bodies[0])
    expect(textOf(bodies[0]!, encoding)).toContain('node_load1 1\n')
  }
  expect(renders).toBe(1)
})

test('a body is of one pass alone, however many come meanwhile', async () => {
  const expositions = new Expositions(() => [])
  const made = []
  for (let value = 1; value <= 3; value++) {
    const pass = passOf(value)
    for (const encoding of ['identity', 'gzip', 'zstd'] as const) {
      made.push({ value, encoding, body: expositions.body(pass, wanted(encoding)) })
    }
    expositions.drop()
  }
  for (const { value, encoding, body } of made) {
    expect(values(textOf(await body, encoding))).toEqual(new Set([value]))
  }
})

test('who still reads an old body keeps it, and its memory is used again when nobody does', async () => {
  const expositions = new Expositions(() => [])
  const first = await expositions.body(passOf(1), wanted())
  const release = first.hold()
  const blocks = new Set(first.chunks.map(({ buffer }) => buffer))
  expositions.drop()
  const second = await expositions.body(passOf(2), wanted())
  expect(second.chunks.some(({ buffer }) => blocks.has(buffer))).toBe(false)
  expect(values(textOf(first))).toEqual(new Set([1]))
  release()
  expositions.drop()
  const third = await expositions.body(passOf(3), wanted())
  for (const { buffer } of second.chunks) blocks.add(buffer)
  expect(third.chunks.every(({ buffer }) => blocks.has(buffer))).toBe(true)
  expect(values(textOf(third))).toEqual(new Set([3]))
})

test('what changed within a pass is made anew', async () => {
  const expositions = new Expositions(() => [])
  const pass = passOf(1)
  const before = await expositions.body(pass, wanted())
  machineRow.values[load1] = 7
  expect(await expositions.body(pass, wanted())).toBe(before)
  expositions.drop()
  expect(textOf(await expositions.body(pass, wanted()))).toContain('node_load1 7\n')
})

test('a filter leaves the rows and columns of its readers, and what the agent says of itself', async () => {
  const agentRow = emptyRow(machineAgent, host)
  agentRow.values[columnOf(machineAgent, 'passes')] = 1
  const expositions = new Expositions(() => [agentRow])
  const f = async (names: readonly string[], want: readonly string[]) => {
    const body = await expositions.body(passOf(1), wanted('identity', { filter: new Set(names) }))
    const found = [...readExposition(textOf(body)).keys()].map((key) =>
      key.replace(/cpu="\d+",?|mode="[^"]*"/g, ''),
    )
    expect([...new Set(found)].toSorted()).toEqual(want.toSorted())
  }
  const agent = 'candor_agent_passes_total{}'
  const reader = (name: string) => [
    `node_scrape_collector_duration_seconds{collector="${name}"}`,
    `node_scrape_collector_success{collector="${name}"}`,
  ]
  await f(['loadavg'], [agent, 'node_load1{}', ...reader('loadavg')])
  await f([], [agent])
  const cpu = await expositions.body(passOf(1), wanted('identity', { filter: new Set(['cpu']) }))
  expect(textOf(cpu)).not.toContain('node_load1')
  expect(textOf(cpu)).toContain('node_cpu_seconds_total{')
  const cgroup = await expositions.body(
    passOf(1),
    wanted('identity', { filter: new Set(['cgroup']) }),
  )
  expect(textOf(cgroup)).toContain('reason="r"')
})

test('filters that mean the same share a body; those beyond a bound are not kept', async () => {
  const expositions = new Expositions(() => [])
  const pass = passOf(1)
  const body = (...names: string[]) =>
    expositions.body(pass, wanted('identity', { filter: new Set(names) }))
  expect(await body('loadavg', 'cpu')).toBe(await body('cpu', 'loadavg'))
  for (let i = 0; i < 20; i++) await body(`none${i}`)
  expect(await body('none1')).toBe(await body('none1'))
  expect(await body('none19')).not.toBe(await body('none19'))
})
