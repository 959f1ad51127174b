/**
 * What a JVM's flags say. Of two flags for the same thing the later one wins.
 *
 * Source: java(1); hotspot/share/runtime/arguments.cpp
 */
import type { FinalFlag, RuntimeProfile } from '../profile.ts'

export type Flags = readonly string[]

/** Origins of a value that the JVM chose: every other one is somebody's wish. */
const BY_ITSELF: readonly string[] = ['default', 'ergonomic', 'internal']

export const wasSet = ({ origin }: Pick<FinalFlag, 'origin'>): boolean =>
  !BY_ITSELF.includes(origin)

/** With those that somebody set where no list of flags shows it, such as a file of them. */
export function allFlags({
  flags = [],
  finalFlags = {},
}: Partial<Pick<RuntimeProfile, 'flags' | 'finalFlags'>>): Flags {
  const set = Object.entries(finalFlags).filter(([, flag]) => wasSet(flag))
  return [...flags, ...set.map(([name, { value }]) => asFlag(name, value))]
}

function asFlag(name: string, value: string): string {
  if (value === 'true') return `-XX:+${name}`
  return value === 'false' ? `-XX:-${name}` : `-XX:${name}=${value}`
}

const POWER: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 }

/** `512m` in bytes; undefined for what the JVM would refuse too. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15})([kmgt]?)$/i.exec(text)
  const power = POWER[match?.[2]?.toLowerCase() ?? '']
  return match === null || power === undefined ? undefined : Number(match[1]) * 1024 ** power
}

/** Value of `-XX:<name>=…`. */
export function valueOf(flags: Flags, name: string): string | undefined {
  const prefix = `-XX:${name}=`
  return flags.findLast((flag) => flag.startsWith(prefix))?.slice(prefix.length)
}

export function sizeOf(flags: Flags, name: string): number | undefined {
  const value = valueOf(flags, name)
  return value === undefined ? undefined : parseSize(value)
}

export function numberOf(flags: Flags, name: string): number | undefined {
  const value = Number(valueOf(flags, name) ?? Number.NaN)
  return Number.isFinite(value) ? value : undefined
}

/** `-XX:+Name` or `-XX:-Name`; undefined when neither is given. */
export function switchOf(flags: Flags, name: string): boolean | undefined {
  const flag = flags.findLast((each) => each === `-XX:+${name}` || each === `-XX:-${name}`)
  return flag === undefined ? undefined : flag.startsWith('-XX:+')
}

/** The flag that fixes the heap's maximum to a size: it wins over every percentage. */
export const fixedHeapFlag = (flags: Flags): string | undefined =>
  flags.findLast((flag) => /^-Xmx\d|^-XX:MaxHeapSize=/.test(flag))

/** The flag that makes the heap's maximum a share of the memory. */
export const heapShareFlag = (flags: Flags): string | undefined =>
  flags.findLast((flag) => /^-XX:MaxRAM(?:Percentage|Fraction)=/.test(flag))

/** Share of the memory that the heap may take when no size is fixed, in percent. */
export function heapPercentage(flags: Flags): number {
  const fraction = numberOf(flags, 'MaxRAMFraction')
  return (
    numberOf(flags, 'MaxRAMPercentage') ??
    (fraction !== undefined && fraction > 0 ? 100 / fraction : DEFAULT_PERCENTAGE)
  )
}

const DEFAULT_PERCENTAGE = 25

const KIB = 1024
const DEFAULT_STACK_BYTES = 1024 * KIB

/** Stack of a thread; the default is that of x86-64. */
export function stackBytes(flags: Flags): number {
  const xss = flags.findLast((flag) => /^-Xss\d/.test(flag))
  const threadStackKib = numberOf(flags, 'ThreadStackSize')
  if (xss !== undefined) return parseSize(xss.slice('-Xss'.length)) ?? DEFAULT_STACK_BYTES
  return threadStackKib !== undefined && threadStackKib > 0
    ? threadStackKib * KIB
    : DEFAULT_STACK_BYTES
}

/** 8 for `1.8.0_504`, 17 for `17.0.21`; undefined when it cannot be told. */
export function majorVersion(version: string | undefined): number | undefined {
  const match = /^(?:1\.)?(\d+)/.exec(version ?? '')
  return match === null ? undefined : Number(match[1])
}
