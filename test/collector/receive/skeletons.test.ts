/**
 * Whatever a body is and whatever came before it, a receiver that remembers how bodies were laid out
 * makes the same rows of it as one that decodes every body, or refuses it as that one does.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { RowBuilder } from '../../../collector/receive/rows.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { Skeletons } from '../../../collector/receive/skeletons.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { decodeMetrics } from '../../../wire/otlp-decode.ts'
import { PassEncoder } from '../../../wire/otlp-encode.ts'
import { MalformedMessage } from '../../../wire/protobuf.ts'
import { emptyRow, type Row } from '../../../wire/sample.ts'
import { segmentsOf } from '../../../wire/skeleton.ts'
import { bodyOf } from './bodies.ts'

const now = Date.UTC(2026, 5, 1, 12)
const LONG = process.env['LONG'] === '1'

/** Everything that receiving a body leads to. */
interface Outcome {
  readonly rows: unknown
  readonly dropped: readonly (readonly [string, number])[]
  readonly points: number
}

/** Receives bodies one after the other, each into a batch of its own. */
class Side {
  readonly tenant = new Tenant('')
  readonly #decode: (body: Buffer, rows: RowBuilder) => void

  constructor(decode: (body: Buffer, rows: RowBuilder) => void) {
    this.#decode = decode
  }

  /** Resources that were not decoded, since the last time. */
  get hits(): number {
    return this.tenant.skeletons.takeCounts().known
  }

  receive(body: Buffer): Outcome | string {
    const batch = new ColumnBatch()
    const rows = new RowBuilder(batch, this.tenant, now)
    const marks = this.tenant.announced.map((seen) => [seen, seen.mark()] as const)
    try {
      this.#decode(body, rows)
      rows.finish()
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      for (const [seen, mark] of marks) seen.rollback(mark)
      return error.message
    }
    return { rows: rowsOf(batch), dropped: [...rows.dropped], points: rows.points }
  }
}

const rowsOf = (batch: ColumnBatch) =>
  Object.fromEntries(
    batch
      .filled()
      .map((table) => [
        table.shape.table,
        Array.from({ length: table.length }, (_, row) =>
          table.shape.columns.map((_column, i) => table.values(i)[row]),
        ),
      ]),
  )

const both = () => {
  const remembering = new Side((body, rows) => rows.tenant.skeletons.decode(body, rows))
  const decoding = new Side(decodeMetrics)
  const same = (body: Buffer) => {
    const got = remembering.receive(Buffer.from(body))
    expect(got).toEqual(decoding.receive(body))
    return got
  }
  return { remembering, same }
}

const entities = Array.from({ length: 3 }, (_, i) => ({
  kind: 'container' as const,
  attributes: {
    'host.id': 'h1',
    'host.name': 'web-1',
    'candor.cgroup.path': `/docker/${i}`,
    'candor.cgroup.inode': String(40 + i),
  },
  startMs: now - 1e6,
}))
const web1 = { kind: 'machine' as const, attributes: { 'host.id': 'h1', 'host.name': 'web-1' } }

/** Rows of an agent: one a container, the machine's own, and one a CPU of it. */
function agentRows(): Row[] {
  const rows = [
    ...entities.map((entity) => emptyRow(container, entity)),
    emptyRow(machine, web1),
    emptyRow(machineCpu, web1, ['0']),
    emptyRow(machineCpu, web1, ['1']),
  ]
  for (const { values } of rows) for (let i = 0; i < 8; i++) values[i] = 0
  return rows
}

function encoded(passes: number): Buffer[] {
  const rows = agentRows()
  const encoder = new PassEncoder({ version: '1' })
  return Array.from({ length: passes }, (_, pass) => {
    for (const [nth, { values }] of rows.entries()) {
      for (let i = 0; i < 8; i++) values[i] = nth * 100 + i * 10 + pass + (i === 3 ? 0.5 : 0)
    }
    return encoder.encode({ timeMs: now + pass * 10_000, rows })[0]!
  })
}

describe('a receiver that remembers how bodies were laid out', () => {
  test('decodes what is new and nothing that comes again', () => {
    const { remembering, same } = both()
    const bodies = encoded(3)
    same(bodies[0]!)
    // The second and third container are laid out as the first.
    expect(remembering.hits).toBe(2)
    for (const body of bodies.slice(1)) same(body)
    expect(remembering.hits).toBe(2 * 4)
  })

  test('makes the rows of a body that is changed anywhere', () => {
    const [first, second] = encoded(2)
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat({ max: second!.length - 1 }),
            byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)),
          }),
          { maxLength: 4 },
        ),
        fc.boolean(),
        (changes, again) => {
          const { same } = both()
          same(first!)
          const changed = Buffer.from(second!)
          for (const { at, byte } of changes) changed[at] = byte
          same(changed)
          if (again) same(changed)
          same(second!)
        },
      ),
      { numRuns: LONG ? 20_000 : 300 },
    )
  })

  test('makes the rows of a body that is cut, doubled or put together from parts of others', () => {
    const bodies = encoded(3)
    const part = fc.record({
      of: fc.nat({ max: 2 }),
      from: fc.nat({ max: bodies[0]!.length }),
      to: fc.nat({ max: bodies[0]!.length }),
    })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), (parts) => {
        const { same } = both()
        same(bodies[0]!)
        same(Buffer.concat(parts.map(({ of, from, to }) => bodies[of]!.subarray(from, to))))
        same(Buffer.concat([bodies[1]!, bodies[2]!]))
      }),
      { numRuns: LONG ? 5_000 : 100 },
    )
  })

  test('makes the rows of other senders: any times, values and labels, series and typed tables mixed', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 2 ** 53),
    )
    const timeMs = fc.oneof(
      fc.integer({ min: now - 60_000, max: now }),
      fc.constantFrom(0, now, now + limits.clockAheadMs.value + 1, now - 16 * 86_400_000),
    )
    const metric = fc.record({
      name: fc.constantFrom('up', 'http.requests', 'container.cpu.time', 'system.linux.memory'),
      unit: fc.constantFrom('s', 'By', '1'),
      kind: fc.constantFrom('gauge' as const, 'sum' as const, 'delta' as const),
      points: fc.array(
        fc.record({
          attributes: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '')),
          timeMs,
          value,
          flags: fc.constantFrom(0, 0, 0, 1, 2),
        }),
        { maxLength: 3 },
      ),
    })
    const resource = fc.record({
      attributes: fc.constantFrom<Record<string, string>>(
        {},
        { 'service.name': 'shop' },
        { 'candor.entity.kind': 'container', ...entities[0]!.attributes },
        { 'candor.entity.kind': 'container', ...entities[1]!.attributes },
      ),
      metrics: fc.array(metric, { maxLength: 3 }),
    })
    let hits = 0
    fc.assert(
      fc.property(
        fc.array(resource, { minLength: 1, maxLength: 3 }),
        fc.array(value, { minLength: 1, maxLength: 5 }),
        (resources, others) => {
          const { remembering, same } = both()
          same(bodyOf(...resources))
          let next = 0
          const again = resources.map((each) => ({
            ...each,
            metrics: each.metrics.map((of) => ({
              ...of,
              points: of.points.map((point) => ({
                ...point,
                value: others[next++ % others.length]!,
              })),
            })),
          }))
          same(bodyOf(...again))
          same(bodyOf(...again.toReversed()))
          hits += remembering.hits
        },
      ),
      { numRuns: LONG ? 10_000 : 300 },
    )
    expect(hits).toBeGreaterThan(0)
  })
})

test('what is remembered stays below its bound, and what is used stays', () => {
  const skeletons = new Skeletons(16_384)
  const tenant = new Tenant('')
  const send = (name: string): number => {
    const rows = new RowBuilder(new ColumnBatch(), tenant, now)
    skeletons.decode(
      bodyOf({
        attributes: { 'service.name': name },
        metrics: [{ name: 'up', points: [{ timeMs: now, value: 1 }] }],
      }),
      rows,
    )
    return skeletons.takeCounts().known
  }
  send('often')
  for (let i = 0; i < 200; i++) {
    send(`seldom-${i}`)
    expect(send('often')).toBe(1)
    expect(skeletons.bytes).toBeLessThan(16_384 + 2_048)
  }
  expect(send('seldom-0')).toBe(0)
})

test('labels of series are counted for each resource that has them, though they share a layout', () => {
  const skeletons = new Skeletons(1 << 24)
  const tenant = new Tenant('')
  const label = 'x'.repeat(10_000)
  for (let i = 10; i < 30; i++) {
    const points = [{ timeMs: now, value: 1, attributes: { label } }]
    const attributes = { 'service.name': `shop-${i}` }
    const body = bodyOf({ attributes, metrics: [{ name: 'up', points }] })
    skeletons.decode(body, new RowBuilder(new ColumnBatch(), tenant, now))
  }
  expect(skeletons.bytes).toBeGreaterThan(20 * label.length)
})

test('resources by the thousand that hold nothing are not looked for one by one', () => {
  const many = (count: number) => Buffer.alloc(4 * count, Buffer.from('0a020a00', 'hex'))
  expect(segmentsOf(many(100))).toHaveLength(100)
  expect(segmentsOf(many(10_000))).toBeUndefined()
})
