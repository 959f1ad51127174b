/** GET /api/v1/entities: machines, containers and runtimes with their newest key figures. */
import type { FastifyInstance } from 'fastify'
import { type EntityKind, entities as kinds } from '../../catalog/entity.ts'
import type { Entities, EntityRow } from '../find/entities.ts'
import {
  answers,
  bound,
  limitQuery,
  list,
  number,
  object,
  oneOf,
  text,
  TIME,
  TRUNCATED,
} from './schema.ts'
import type { Of } from './of.ts'

const common = {
  id: text('Id in the store.'),
  name: text('What people call it.'),
  machine: text('Machine that it is on.'),
  lastSeenMs: number('Newest sample, Unix ms.'),
}

const machine = object(
  {
    kind: { type: 'string', const: 'machine' },
    ...common,
    state: oneOf(['reporting', 'silent'], 'silent: no sample for three intervals.'),
  },
  {
    kernel: text('Kernel release.'),
    cgroups: text('v1, v2 or hybrid.'),
    agent: text('Version of its agent.'),
    cpuCores: number('Online CPUs.'),
    cpuUsedCores: number('CPU time used, in cores, mean of two minutes.'),
    memoryBytes: number('Memory.'),
    memoryUsedBytes: number('Memory that is not available.'),
    load1: number('Load average of one minute.'),
    uptimeSeconds: number('Time since boot.'),
  },
)

const container = object(
  { kind: { type: 'string', const: 'container' }, ...common, path: text('Path of the cgroup.') },
  {
    runtime: text('docker, containerd, systemd, …'),
    image: text('Image.'),
    cpuUsedCores: number('CPU time used, in cores, mean of two minutes.'),
    cpuLimitCores: bound('Tightest quota of the cgroup and its ancestors'),
    throttledRatio: number('Share of periods in which the quota ran out, 0-1, over two minutes.'),
    memoryWorkingSetBytes: number('Working set.'),
    memoryLimitBytes: bound('Tightest memory limit of the cgroup and its ancestors'),
    oomKills: number('Processes killed by the memory limit since the cgroup was made.'),
  },
)

const runtime = object(
  {
    kind: { type: 'string', const: 'runtime' },
    ...common,
    runtime: text('Kind of runtime: jvm, go, nodejs, …'),
  },
  {
    pid: number('Pid as the host sees it.'),
    container: text('Container that it runs in, or the path of its cgroup.'),
    version: text('Version of the runtime.'),
    collector: text('Garbage collector.'),
    heapUsedBytes: number('Heap in use.'),
    heapCommittedBytes: number('Heap taken from the machine.'),
    heapMaxBytes: number('Size to which it believes the heap may grow.'),
    threads: number('Live Java threads.'),
    memoryLimitBytes: bound('Tightest memory limit of its cgroup and the ancestors'),
  },
)

const answer = object({
  timeMs: TIME,
  totals: object({
    machine: number('Machines; those that went silent within a day are among them.'),
    container: number('Containers that report.'),
    runtime: number('Runtimes that report.'),
  }),
  unread: list(
    object({
      machine: text('Machine that it is on.'),
      kind: text('container, device of the network, or runtime: a process that may be one.'),
      reason: text('Why it was not read.'),
      count: number('How many.'),
    }),
    'What agents saw in their newest pass and could not read; nothing is known of it.',
  ),
  truncated: TRUNCATED,
  entities: list(
    { anyOf: [machine, container, runtime] },
    'Machines by name, containers and runtimes by memory, the largest first.',
  ),
})

interface Query {
  readonly kind?: EntityKind
  readonly limit: number
}

export function entitiesApi(app: FastifyInstance, of: Of<Entities>, now: () => number): void {
  app.get<{ Querystring: Query }>(
    '/api/v1/entities',
    answers(
      'Entities',
      {
        kind: oneOf(Object.keys(kinds), 'Only entities of this kind.'),
        limit: { ...limitQuery, description: 'Most entities of each kind that are wanted.' },
      },
      answer,
      'entities',
    ),
    async ({ raw, query }) => {
      const entities = of({ raw })
      const { timeMs, totals, unread, entities: all } = await entities.list(now())
      const wanted = query.kind === undefined ? all : all.filter(({ kind }) => kind === query.kind)
      const shown = ofEachKind(wanted, query.limit)
      return {
        timeMs,
        totals,
        unread,
        truncated: Object.entries(totals).some(
          ([kind, total]) =>
            (query.kind ?? kind) === kind &&
            total > shown.filter((each) => each.kind === kind).length,
        ),
        entities: shown,
      }
    },
  )
}

function ofEachKind(entities: readonly EntityRow[], limit: number): EntityRow[] {
  const seen = new Map<EntityKind, number>()
  return entities.filter(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    return count <= limit
  })
}
