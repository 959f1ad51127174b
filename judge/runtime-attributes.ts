/**
 * What the attributes of a runtime say, decoded. Texts come from the workload by way of an agent that
 * bounded and cleaned them, or from whoever else sends: what has no sense here is left out.
 *
 * Formats: catalog/entity.ts
 */
import { CUT } from '../catalog/entity.ts'
import { type RuntimeKind, runtimeKinds } from '../catalog/runtime-kind.ts'
import type { Confidence } from './finding.ts'
import type { Believed, FinalFlag, RuntimeProfile } from './profile.ts'

type Attributes = Readonly<Record<string, string>>

const CONFIDENCES: Readonly<Record<Confidence, true>> = {
  exact: true,
  strong: true,
  inferred: true,
}
const CGROUP_MODES = { v1: true, v2: true, hybrid: true } as const

const isOneOf = <T extends string>(names: Readonly<Record<T, true>>, text: string): text is T =>
  Object.hasOwn(names, text)

/** Undefined for what no rule knows. */
export const kindOf = (text: string | undefined): RuntimeKind | undefined =>
  runtimeKinds.find((kind) => kind === text)

export const cgroupModeOf = (text: string | undefined): RuntimeProfile['machineCgroups'] =>
  text !== undefined && isOneOf(CGROUP_MODES, text) ? text : undefined

/** An attribute that is there and empty is an empty list. */
export const listOf = (text: string | undefined, separator: string): string[] | undefined =>
  text?.split(separator).filter((item) => item !== '')

/**
 * `NAME=value`, one a line. The first of two counts, as for getenv(3). Where lines were cut off, the
 * name `CUT` is there.
 */
export function settingsOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0 && !found.has(line.slice(0, at))) found.set(line.slice(0, at), line.slice(at + 1))
    else if (line === CUT) found.set(CUT, '')
  }
  return Object.fromEntries(found)
}

/** `Name=value origin`, one a line; the value may be empty or hold spaces. */
export function finalFlagsOf(text: string | undefined): Record<string, FinalFlag> | undefined {
  if (text === undefined) return undefined
  const found = text.split('\n').flatMap((line): [string, FinalFlag][] => {
    const equals = line.indexOf('=')
    const space = line.lastIndexOf(' ')
    return equals > 0 && space > equals && space < line.length - 1
      ? [
          [
            line.slice(0, equals),
            { value: line.slice(equals + 1, space), origin: line.slice(space + 1) },
          ],
        ]
      : []
  })
  return Object.fromEntries(found)
}

/** A figure with `confidence source` beside it; without that nobody knows what it is worth. */
export function believedOf(value: number | null, text: string | undefined): Believed | undefined {
  if (value === null || text === undefined) return undefined
  const space = text.indexOf(' ')
  const confidence = space === -1 ? text : text.slice(0, space)
  const source = space === -1 ? '' : text.slice(space + 1).trim()
  return isOneOf(CONFIDENCES, confidence) && source !== ''
    ? { value, confidence, source }
    : undefined
}

/** Limits when it was first seen; absent unless both were told. */
export function firstOf(attributes: Attributes): RuntimeProfile['first'] {
  const memory = limitOf(attributes['candor.runtime.first.memory.limit'])
  const cpu = limitOf(attributes['candor.runtime.first.cpu.limit'])
  const seen = attributes['candor.runtime.first.seen']
  if (memory === undefined || cpu === undefined) return undefined
  if (seen !== 'start' && seen !== 'later') return undefined
  return {
    ...(memory !== null && { memoryLimitBytes: memory }),
    ...(cpu !== null && { cpuLimitCores: cpu }),
    fromStart: seen === 'start',
  }
}

/** Null is no limit, undefined is not known. */
function limitOf(text: string | undefined): number | null | undefined {
  if (text === 'none') return null
  if (text === undefined || !/^\d{1,20}(?:\.\d{1,20})?$/.test(text)) return undefined
  return Number(text)
}
