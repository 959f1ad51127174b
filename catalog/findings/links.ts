/** What each rule rests on, to be read by whoever doubts a finding. */
import type { FindingRuleId } from '../finding.ts'
import { link, type Link } from './link.ts'
import { jvmCpuLinks } from './links/jvm-cpu.ts'
import { jvmMemoryLinks } from './links/jvm-memory.ts'
import { runtimeLinks } from './links/runtimes.ts'

const stranded: readonly Link[] = [
  link('Borg: cluster management at Google', 'https://research.google/pubs/pub43438/'),
  link('Pond: memory that nobody can use', 'https://dl.acm.org/doi/10.1145/3575693.3578835'),
]

export const findingLinks: Readonly<Record<FindingRuleId, readonly Link[]>> = {
  ...jvmMemoryLinks,
  ...jvmCpuLinks,
  ...runtimeLinks,
  'strand.cpu': stranded,
  'strand.mem': stranded,
  'store.disk-full': [
    link(
      'ClickHouse: free space of its disks',
      'https://clickhouse.com/docs/operations/system-tables/disks',
    ),
  ],
}
