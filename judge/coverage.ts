/** How much of the JVMs that there are can be read, and why not the rest. Pure. */
import { unreadJvms } from '../catalog/unread-jvm.ts'
import type { Fleet } from './fleet.ts'
import type { Profiles } from './profiles.ts'

/** Processes that may be runtimes and were not read, or not wholly. */
export interface Unread {
  readonly machine: string
  readonly reason: string
  readonly count: number
}

export interface JvmCoverage {
  /** JVMs that told their heap. */
  readonly readable: number
  /** Those that are there, processes that are JVMs by their name alone among them. */
  readonly total: number
  /** Of machines that report, the most frequent reasons first. */
  readonly unread: readonly Unread[]
}

export function jvmCoverage(
  { machines, unread = [] }: Pick<Fleet, 'machines' | 'unread'>,
  { runtimes, machines: reporting }: Pick<Profiles, 'runtimes' | 'machines'>,
): JvmCoverage {
  const nameOf = new Map(reporting.map(({ entity, name }) => [entity['host.id'] ?? '', name]))
  const machineOf = new Map(
    machines.map(({ entity, attributes }) => [entity, nameOf.get(attributes['host.id'] ?? '')]),
  )
  const there = unread
    .flatMap(({ entity, reason, count }) => {
      const machine = machineOf.get(entity)
      return machine === undefined || count <= 0 ? [] : [{ machine, reason, count }]
    })
    .toSorted((a, b) => b.count - a.count || a.machine.localeCompare(b.machine))
  const jvms = runtimes.filter(({ profile }) => profile.runtime === 'jvm')
  const byName = there.filter(({ reason }) => unreadJvms.has(reason))
  return {
    readable: jvms.filter(({ profile }) => profile.heapMaxBytes !== undefined).length,
    total: byName.reduce((sum, { count }) => sum + count, jvms.length),
    unread: there,
  }
}

/** Undefined where there are none. */
export const coverageText = ({ readable, total }: JvmCoverage): string | undefined =>
  total === 0 ? undefined : `${readable} of ${total} ${total === 1 ? 'JVM' : 'JVMs'} readable`
