/** What the agent says of itself on /metrics. */
import { own } from '../catalog/own.ts'
import type { OwnSample } from '../wire/exposition.ts'
import type { Pass } from '../wire/sample.ts'
import type { AgentPass } from './pass.ts'
import type { PushStats, SpoolStats } from './ship/push.ts'
import type { ScrapeResult } from './web/handler.ts'

export interface Self {
  readonly version: string
  readonly passes: number
  readonly pass: AgentPass
  readonly scrapes: Readonly<Record<ScrapeResult, number>>
  /** Absent without a web configuration file. */
  readonly webConfig?: { readonly success: number; readonly timeSeconds: number }
  /** Absent when nothing is pushed. */
  readonly push?: PushStats
  /** Nothing but the version is told. */
  readonly quiet?: boolean
}

/** Distinct entities of a pass, by kind; a cgroup that only holds others is no container. */
export function countEntities({ rows }: Pass): Readonly<Record<string, number>> {
  const entities = new Set(rows.map((row) => row.entity))
  const counts = { machine: 0, container: 0, runtime: 0 }
  for (const { kind, attributes } of entities) {
    if (attributes['candor.cgroup.level'] !== 'group') counts[kind] += 1
  }
  return counts
}

export function ownSamples(self: Self): OwnSample[] {
  const { version, passes, pass, scrapes, webConfig, push } = self
  const build = { metric: own.agentBuild, labelValues: [version, process.version], value: 1 }
  if (self.quiet === true) return [build]
  const cpu = process.cpuUsage()
  return [
    build,
    one(own.agentPasses, passes),
    one(own.agentPassSeconds, pass.durationSeconds),
    one(own.agentPassTime, pass.timeMs / 1000),
    ...each(own.agentEntities, countEntities(pass)),
    one(own.agentOpenFiles, pass.openFiles),
    one(own.agentRss, process.memoryUsage.rss()),
    one(own.agentCpu, (cpu.user + cpu.system) / 1e6),
    ...each(own.agentScrapes, scrapes),
    ...(webConfig === undefined
      ? []
      : [
          one(own.webConfigSuccess, webConfig.success),
          one(own.webConfigTime, webConfig.timeSeconds),
        ]),
    ...(push === undefined ? [] : pushSamples(push)),
  ]
}

function pushSamples({
  stored,
  rejected,
  rejectedPoints,
  retries,
  dropped,
  queueBytes,
  spool,
}: PushStats): OwnSample[] {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return [
    ...each(own.pushBatches, { stored, rejected, dropped: lost }),
    ...each(own.pushDropped, dropped),
    one(own.pushRejected, rejectedPoints),
    one(own.pushRetries, retries),
    one(own.pushQueue, queueBytes),
    ...(spool === undefined ? [] : spoolSamples(spool)),
  ]
}

const spoolSamples = (spool: SpoolStats): OwnSample[] => [
  one(own.spoolUp, spool.isWritable ? 1 : 0),
  one(own.spoolBytes, spool.bytes),
  one(own.spoolBatches, spool.batches),
  ...(spool.oldestMs === undefined ? [] : [one(own.spoolOldest, spool.oldestMs / 1000)]),
  one(own.spoolWritten, spool.written),
  one(own.spoolCut, spool.cutBytes),
  ...each(own.spoolErrors, spool.errors),
]

type Metric = OwnSample['metric']

const one = (metric: Metric, value: number): OwnSample => ({ metric, labelValues: [], value })

const each = (metric: Metric, values: Readonly<Record<string, number>>): OwnSample[] =>
  Object.entries(values).map(([label, value]) => ({ metric, labelValues: [label], value }))
