/** Judges a fleet some machines at a time: between two pieces what comes in has its turn. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Fleet } from '../../judge/fleet.ts'
import { judge } from '../../judge/judge.ts'
import type { Judged } from '../../judge/lifecycle.ts'
import type { MachineProfile, RequestMix } from '../../judge/profile.ts'
import { makeProfiles, type RuntimeSeen } from '../../judge/profiles.ts'

/** Of a machine with some runtimes each takes about a millisecond. */
const MACHINES = 25

export interface FleetJudged {
  readonly runtimes: readonly RuntimeSeen[]
  readonly machines: readonly MachineProfile[]
  /** Of rules about runtimes. */
  readonly judged: readonly Judged[]
}

/** The same as all at once: nothing that is on one machine matters to another. */
export async function judgeInPieces(fleet: Fleet, mix: RequestMix): Promise<FleetJudged> {
  const containersOf = Map.groupBy(fleet.containers, ({ hostId }) => hostId)
  const runtimesOf = Map.groupBy(fleet.runtimes, ({ attributes }) => attributes['host.id'] ?? '')
  const runtimes: RuntimeSeen[] = []
  const machines: MachineProfile[] = []
  const judged: Judged[] = []
  for (let i = 0; i < fleet.machines.length; i += MACHINES) {
    const piece = fleet.machines.slice(i, i + MACHINES)
    const hosts = piece.map(({ attributes }) => attributes['host.id'] ?? '')
    const profiles = makeProfiles(
      {
        nowMs: fleet.nowMs,
        machines: piece,
        containers: hosts.flatMap((host) => containersOf.get(host) ?? []),
        runtimes: hosts.flatMap((host) => runtimesOf.get(host) ?? []),
      },
      mix,
    )
    for (const each of profiles.runtimes) runtimes.push(each)
    for (const each of profiles.machines) machines.push(each)
    for (const each of judge({ runtimes: profiles.runtimes, machines: [] }, mix)) judged.push(each)
    await turn()
  }
  return { runtimes, machines, judged }
}
