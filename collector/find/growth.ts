/**
 * What counters of runtimes and of their cgroups grew by lately. A cgroup may be older than a runtime
 * in it, so its growth is taken of the time in which that runtime reported, and once a runtime.
 */
import { type Grown, RECENT_MS } from '../../judge/fleet.ts'
import { containerGrowth, runtimeGrowth } from '../../judge/runtime-columns.ts'
import type { Ask } from './asking.ts'
import { at, grown, ms, same, seen, since } from './sql.ts'

const RUNTIMES = `
SELECT toString(entity) AS runtime, seconds, figures
FROM (
  SELECT entity, (${ms('max(ts)')} - ${ms('min(ts)')}) / 1000 AS seconds,
    ${grown(runtimeGrowth, 'seconds')} AS figures
  FROM runtime FINAL
  WHERE ${since('from')}
  GROUP BY entity
)
WHERE seconds > 0`

/** Each runtime with its cgroup and those above it; of a path that was made again, the newest. */
const PAIRS = `
  SELECT runtime, entity, path, fromTs, toTs, ${ms('toTs')} / 1000 - ${ms('fromTs')} / 1000 AS seconds
  FROM (
    SELECT entity AS runtime, min(ts) AS fromTs, max(ts) AS toTs
    FROM runtime FINAL
    WHERE ${since('from')}
    GROUP BY entity
  ) AS spans
  INNER JOIN (
    SELECT entity AS runtime, hostId, cgroup
    FROM (${seen('runtime', { hostId: same('host.id'), cgroup: same('candor.cgroup.path') })})
  ) AS runtimes USING runtime
  INNER JOIN (
    SELECT hostId, path, argMax(entity, newest) AS entity
    FROM (${seen('container', {
      hostId: same('host.id'),
      path: same('candor.cgroup.path'),
      newest: 'max(last_seen)',
    })})
    WHERE newest > ${at('from')}
    GROUP BY hostId, path
  ) AS cgroups USING hostId
  WHERE fromTs < toTs AND (cgroup = path OR startsWith(cgroup, concat(path, '/')))`

const CGROUPS = `
SELECT toString(runtime) AS runtime, path, figures
FROM (
  SELECT runtime, path, ${grown(containerGrowth, 'any(seconds)')} AS figures
  FROM container FINAL
  INNER JOIN (${PAIRS}) AS pairs USING entity
  WHERE ${since('from')} AND ts >= fromTs AND ts <= toTs
  GROUP BY runtime, path
)`

interface OfRuntime {
  readonly runtime: string
  readonly seconds: number
  readonly figures: Grown['figures']
}

interface OfCgroup {
  readonly runtime: string
  readonly path: string
  readonly figures: Grown['cgroups'][string]
}

/** By the entity of the runtime; `ask` fills in the tenant and the time. */
export async function readGrowth(ask: Ask): Promise<ReadonlyMap<string, Grown>> {
  const runtimes = await ask<OfRuntime>(RUNTIMES, RECENT_MS)
  const cgroups = Map.groupBy(await ask<OfCgroup>(CGROUPS, RECENT_MS), ({ runtime }) => runtime)
  return new Map(
    runtimes.map(({ runtime, seconds, figures }) => [
      runtime,
      {
        seconds,
        figures,
        cgroups: Object.fromEntries(
          (cgroups.get(runtime) ?? []).map((each) => [each.path, each.figures]),
        ),
      },
    ]),
  )
}
