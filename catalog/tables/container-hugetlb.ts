/** One row a size of huge pages of cgroups with the hugetlb controller, read once a minute. */
import type { Metric, Table } from '../metric.ts'

const since = '0.1'

const figures: readonly Metric[] = [
  {
    column: 'usage_bytes',
    prom: 'container_hugetlb_usage_bytes',
    otel: 'candor.container.hugetlb.usage',
    kind: 'gauge',
    unit: 'By',
    help: 'Huge pages used.',
    source: 'v1 hugetlb.SIZE.usage_in_bytes; v2 hugetlb.SIZE.current',
    since,
  },
  {
    column: 'max_usage_bytes',
    prom: 'container_hugetlb_max_usage_bytes',
    otel: 'candor.container.hugetlb.max_usage',
    kind: 'gauge',
    unit: 'By',
    help: 'Most huge pages that were ever used; absent on v2.',
    source: 'v1 hugetlb.SIZE.max_usage_in_bytes',
    since,
  },
  {
    column: 'failcnt',
    prom: 'container_hugetlb_failcnt',
    otel: 'candor.container.hugetlb.failcnt',
    kind: 'counter',
    unit: '{event}',
    help: 'Times that the limit was met.',
    source: 'v1 hugetlb.SIZE.failcnt; v2 hugetlb.SIZE.events max',
    since,
  },
  {
    column: 'limit_bytes',
    prom: 'candor_container_hugetlb_limit_bytes',
    otel: 'candor.container.hugetlb.limit',
    kind: 'gauge',
    unit: 'By',
    help: 'Limit of huge pages; absent when unlimited.',
    source: 'v1 hugetlb.SIZE.limit_in_bytes; v2 hugetlb.SIZE.max',
    since,
  },
  {
    column: 'reserved_bytes',
    prom: 'candor_container_hugetlb_reserved_bytes',
    otel: 'candor.container.hugetlb.reserved',
    kind: 'gauge',
    unit: 'By',
    help: 'Huge pages reserved by mappings, used or not.',
    source: 'v1 hugetlb.SIZE.rsvd.usage_in_bytes; v2 hugetlb.SIZE.rsvd.current',
    since,
  },
]

export const containerHugetlb = {
  name: 'container_hugetlb',
  entity: 'container',
  /** As the files are named: 2MB, 1GB. */
  keys: [{ label: 'pagesize', attribute: 'candor.hugetlb.pagesize' }],
  rows: 'one a size of huge pages',
  metrics: figures,
} as const satisfies Table
