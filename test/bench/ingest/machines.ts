/**
 * Machines of 20 containers with 30 figures each, and what they measure at each scrape: a fifth of the
 * figures never changes, a fifth are gauges that drift, counters, doubles of which every bit is noise,
 * and small whole numbers. Deterministic, so that whoever asks the store knows what must be in it.
 */
import type { Metric } from '../../../catalog/metric.ts'
import { container } from '../../../catalog/tables/container.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { emptyRow, type Row } from '../../../wire/sample.ts'

export const CONTAINERS = 20
export const METRICS = 30
export const SAMPLES = CONTAINERS * METRICS
export const STEP_MS = 15_000

/** Six columns of each class. */
const CLASSES = {
  constant: [
    'cpu_quota',
    'cpu_period',
    'cpu_shares',
    'memory_limit_bytes',
    'threads_max',
    'start_time_seconds',
  ],
  drift: [
    'memory_usage_bytes',
    'memory_working_set_bytes',
    'memory_rss_bytes',
    'memory_cache_bytes',
    'memory_active_file_bytes',
    'memory_inactive_file_bytes',
  ],
  counter: [
    'cpu_usage_seconds',
    'cpu_periods',
    'cpu_throttled_periods',
    'memory_pgfault_container',
    'memory_pgmajfault_container',
    'memory_pgscan',
  ],
  noise: [
    'cpu_limit_effective_cores',
    'cpu_burst',
    'memory_kernel_bytes',
    'memory_sock_bytes',
    'memory_percpu_bytes',
    'memory_available_bytes',
  ],
  small: [
    'threads',
    'processes',
    'file_descriptors',
    'sockets',
    'descendants_live',
    'descendants_dying',
  ],
} as const

type Class = keyof typeof CLASSES

const COLUMNS: readonly { readonly index: number; readonly of: Class }[] = Object.entries(
  CLASSES,
).flatMap(([of, columns]) =>
  columns.map((column) => ({ index: columnOf(container, column), of: of as Class })),
)

/** In the order in which `values` has them. */
export const metrics: readonly Metric[] = COLUMNS.map(({ index }) => container.metrics[index]!)

/** Uniform in [0, 1), from three whole numbers (a hash after Wang). */
function noise(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  const low = Math.imul(h ^ (h >>> 13), 0x9e3779b1)
  return ((h >>> 0) + (low >>> 0) / 2 ** 32) / 2 ** 32
}

function valueOf(of: Class, id: number, column: number, scrape: number): number {
  switch (of) {
    case 'constant':
      return 1_000 * (1 + (id % 97)) + column
    case 'drift':
      // Some pages more or less, now and then.
      return 1e8 + 4_096 * Math.floor(500 * noise(id, column, Math.floor((scrape + (id % 8)) / 8)))
    case 'counter':
      return id * 1_000 + scrape * 150 + Math.floor(100 * noise(id, column, scrape))
    case 'noise':
      return 10_000 * noise(id, column, scrape)
    case 'small':
      return Math.floor(60 * noise(id, column, scrape))
  }
}

const hex = (n: number, digits: number) =>
  (Math.floor(2 ** 52 * noise(n, 7, 7)).toString(16) + n.toString(16)).padStart(digits, '5e')

/** What a container is called by those who ask it its attributes, and by those who give it labels. */
export interface Container {
  readonly attributes: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

export function containerOf(machine: number, nth: number): Container {
  const host = `host-${String(machine).padStart(5, '0')}.dc1.example.net`
  const id = hex(machine * CONTAINERS + nth, 64)
  const name = `payments-svc-${nth}`
  const image = `registry.example/team/app${nth % 5}:1.2.3`
  return {
    attributes: {
      'host.id': hex(machine, 32),
      'host.name': host,
      'candor.cgroup.path': `/docker/${id}`,
      'candor.cgroup.inode': String(40_000 + nth),
      'container.name': name,
      'container.image.name': image,
    },
    labels: { id: `/docker/${id}`, image, instance: host, job: 'candor', name },
  }
}

/** Values of one machine at one scrape, container by container. */
export function values(machine: number, scrape: number): Float64Array {
  const all = new Float64Array(SAMPLES)
  for (let nth = 0; nth < CONTAINERS; nth++) {
    const id = machine * CONTAINERS + nth
    for (const [i, { of }] of COLUMNS.entries()) {
      all[nth * METRICS + i] = valueOf(of, id, i, scrape)
    }
  }
  return all
}

/** Rows as the agent of a machine has them. */
export const rowsOf = (machine: number): Row[] =>
  Array.from({ length: CONTAINERS }, (_, nth) => {
    const { attributes } = containerOf(machine, nth)
    return emptyRow(container, { kind: 'container', attributes, startMs: 1_700_000_000_000 })
  })

export function fill(rows: readonly Row[], all: Float64Array): void {
  for (const [nth, row] of rows.entries()) {
    for (const [i, { index }] of COLUMNS.entries()) row.values[index] = all[nth * METRICS + i]!
  }
}

export const columnNames: readonly string[] = Object.values(CLASSES).flat()
