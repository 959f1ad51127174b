/**
 * Who shares a limit with a runtime: the others in its cgroup that stay. A tool that looks at a program
 * and goes, such as jcmd or the probe of its health, takes no part in what is divided, and is not judged
 * as if it did.
 *
 * Units: bytes
 */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import type { Neighbour, RuntimeProfile } from '../profile.ts'

/** Of what has no age nobody can say that it is young. */
const isYoung = ({ ageSeconds = Infinity }: Pick<Neighbour, 'ageSeconds'>): boolean =>
  ageSeconds < shared.youngSeconds.value

type Together = Pick<RuntimeProfile, 'ageSeconds' | 'neighbours' | 'jvmsInCgroup'>

/** Whether it came after others that were there: services that start together are no tools. */
export const mayBeTool = (profile: Together): boolean =>
  isYoung(profile) && (profile.neighbours ?? []).some((each) => !isYoung(each))

const isToolBeside = (profile: Together, neighbour: Neighbour): boolean =>
  !isYoung(profile) && isYoung(neighbour)

export const stayingOf = (profile: Together): readonly Neighbour[] =>
  (profile.neighbours ?? []).filter((each) => !isToolBeside(profile, each))

const isJvm = ({ runtime }: Neighbour): boolean => runtime === 'jvm'

/** JVMs that share the limit, this one included. */
export const jvmsOf = (jvm: Together): number =>
  jvm.jvmsInCgroup -
  (jvm.neighbours ?? []).filter((each) => isJvm(each) && isToolBeside(jvm, each)).length

/** What those that are no JVM hold; undefined where that of one is not known. */
export function heldByOthers(jvm: Together): number | undefined {
  let sum = 0
  for (const each of stayingOf(jvm)) {
    if (isJvm(each)) continue
    if (each.rssAnonBytes === undefined) return undefined
    sum += each.rssAnonBytes
  }
  return sum
}
