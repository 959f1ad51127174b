/**
 * What counters of runtimes and of their cgroups grew by lately. A cgroup may be older than a runtime
 * in it, so its growth is taken of the time in which that runtime reported, and once a runtime.
 */
import {
  type ContainerFigures,
  type Grown,
  RECENT_MS,
  type RuntimeFigures,
} from '../../judge/fleet.ts'
import { containerGrowth, runtimeGrowth } from '../../judge/runtime-columns.ts'
import { ancestors, cgroupOf } from '../../judge/runtime-profile.ts'
import { type Ask, inSlices } from './asking.ts'
import { grown, ms, since } from './sql.ts'

const RUNTIMES = `
SELECT toString(entity) AS runtime, fromMs, toMs, seconds, figures
FROM (
  SELECT entity, ${ms('min(ts)')} AS fromMs, ${ms('max(ts)')} AS toMs,
    (toMs - fromMs) / 1000 AS seconds,
    ${grown(runtimeGrowth, 'seconds')} AS figures
  FROM runtime FINAL
  WHERE ${since('from')} AND entity IN {ids:Array(UInt64)}
  GROUP BY entity
)
WHERE seconds > 0`

/** One for each runtime in a cgroup, or below it. */
const PAIRS = `
  SELECT pair.1 AS entity, pair.2 AS runtime, pair.3 AS fromMs, pair.4 AS toMs
  FROM (
    SELECT arrayJoin(arrayZip({ids:Array(UInt64)}, {runtimes:Array(UInt64)},
      {starts:Array(Float64)}, {ends:Array(Float64)})) AS pair
  )`

const CGROUPS = `
SELECT toString(runtime) AS runtime, toString(entity) AS entity, figures
FROM (
  SELECT runtime, entity, ${grown(containerGrowth, 'any(toMs - fromMs) / 1000')} AS figures
  FROM container FINAL
  INNER JOIN (${PAIRS}) AS pairs USING entity
  WHERE ${since('from')} AND entity IN {ids:Array(UInt64)}
    AND ${ms('ts')} >= fromMs AND ${ms('ts')} <= toMs
  GROUP BY runtime, entity
)`

interface OfRuntime {
  readonly runtime: string
  readonly fromMs: number
  readonly toMs: number
  readonly seconds: number
  readonly figures: Grown['figures']
}

interface OfCgroup {
  readonly runtime: string
  readonly entity: string
  readonly figures: Grown['cgroups'][string]
}

interface Pair {
  readonly cgroup: ContainerFigures
  readonly span: OfRuntime
}

/** By the entity of the runtime; `containers` are the cgroups that there are. */
export async function readGrowth(
  ask: Ask,
  runtimes: readonly RuntimeFigures[],
  containers: readonly ContainerFigures[],
): Promise<ReadonlyMap<string, Grown>> {
  const spans = await inSlices(
    runtimes.map(({ entity }) => entity),
    (ids) => ask<OfRuntime>(RUNTIMES, RECENT_MS, { ids }),
  )
  const spanOf = new Map(spans.map((each) => [each.runtime, each]))
  const pairs = Map.groupBy(pairsOf(runtimes, containers, spanOf), ({ cgroup }) => cgroup.entity)
  const pathOf = new Map(containers.map(({ entity, path }) => [entity, path]))
  const grownIn = Map.groupBy(
    await inSlices([...pairs.keys()], (ids) => {
      const slice = ids.flatMap((id) => pairs.get(String(id))!)
      return ask<OfCgroup>(CGROUPS, RECENT_MS, {
        ids: slice.map(({ cgroup }) => BigInt(cgroup.entity)),
        runtimes: slice.map(({ span }) => BigInt(span.runtime)),
        starts: slice.map(({ span }) => span.fromMs),
        ends: slice.map(({ span }) => span.toMs),
      })
    }),
    ({ runtime }) => runtime,
  )
  return new Map(
    spans.map(({ runtime, seconds, figures }) => [
      runtime,
      {
        seconds,
        figures,
        cgroups: Object.fromEntries(
          (grownIn.get(runtime) ?? []).map((each) => [pathOf.get(each.entity)!, each.figures]),
        ),
      },
    ]),
  )
}

/** Each runtime with its cgroup and those above it; of a path that was made again, the newest. */
function pairsOf(
  runtimes: readonly RuntimeFigures[],
  containers: readonly ContainerFigures[],
  spanOf: ReadonlyMap<string, OfRuntime>,
): readonly Pair[] {
  const at = (hostId: string, path: string) => `${hostId}\0${path}`
  const newest = new Map<string, ContainerFigures>()
  for (const each of containers) {
    const known = newest.get(at(each.hostId, each.path))
    if (known === undefined || each.lastMs > known.lastMs) {
      newest.set(at(each.hostId, each.path), each)
    }
  }
  return runtimes.flatMap((runtime) => {
    const span = spanOf.get(runtime.entity)
    const cgroup = cgroupOf(runtime)
    if (span === undefined || cgroup === undefined) return []
    return [cgroup, ...ancestors(cgroup)].flatMap((path) => {
      const found = newest.get(at(runtime.attributes['host.id'] ?? '', path))
      return found === undefined ? [] : [{ cgroup: found, span }]
    })
  })
}
