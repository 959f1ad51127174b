/**
 * Limits and heaps of the garbage collector of .NET, by its settings.
 *
 * Source: .NET, runtime configuration options for garbage collection: numbers in variables are
 *         hexadecimal, in runtimeconfig.json decimal; in a limited container the heap may take the
 *         larger of 20 MB and 75 % of the limit; Server GC has a heap a CPU, unless it adapts (DATAS),
 *         which is the default since .NET 9
 * Units:  bytes, percent
 */
import { CUT } from '../../catalog/entity.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { byDefault } from './by-default.ts'

const DEFAULT_SHARE = 0.75
const DEFAULT_MIN_BYTES = 20_000_000
const ADAPTS_SINCE = 9

type Settings = Pick<RuntimeProfile, 'environment' | 'build' | 'version'>

interface Setting {
  readonly value: number
  readonly source: string
  /** The variable that wins over it. */
  readonly variable: string
}

/** A variable wins over runtimeconfig.json; undefined where it is not set, or makes no sense. */
function numberOf(
  { environment, build }: Settings,
  name: string,
  property: string,
): Setting | undefined {
  for (const variable of [`DOTNET_${name}`, `COMPlus_${name}`]) {
    const text = environment?.[variable] ?? ''
    if (/^(?:0x)?[0-9a-f]{1,13}$/i.test(text))
      return { value: Number.parseInt(text, 16), source: `${variable}=${text}`, variable }
  }
  const text = build?.[property] ?? ''
  return /^\d{1,15}$/.test(text)
    ? { value: Number(text), source: `${property}=${text}`, variable: `DOTNET_${name}` }
    : undefined
}

const isOn = (settings: Settings, variable: string, property: string): boolean | undefined => {
  const set = numberOf(settings, variable, property)
  if (set !== undefined) return set.value !== 0
  const text = settings.build?.[property]
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

export interface SetHeapLimit extends Believed {
  /** Whether it is set in bytes, which win over a share. */
  readonly inBytes: boolean
  /** The variable that sets another one. */
  readonly variable: string
}

/** The limit that someone has set, in bytes, with the text that sets it. */
export function setHeapLimit(
  profile: RuntimeProfile,
  limitBytes: number,
): SetHeapLimit | undefined {
  const bytes = numberOf(profile, 'GCHeapHardLimit', 'System.GC.HeapHardLimit')
  if (bytes !== undefined && bytes.value > 0)
    return { ...bytes, confidence: 'exact', inBytes: true }
  const share = numberOf(profile, HEAP_SHARE, 'System.GC.HeapHardLimitPercent')
  if (share === undefined || share.value === 0) return undefined
  return {
    ...share,
    value: (share.value / 100) * limitBytes,
    confidence: 'exact',
    inBytes: false,
  }
}

const HEAP_SHARE = 'GCHeapHardLimitPercent'
export const HEAP_SHARE_VARIABLE = `DOTNET_${HEAP_SHARE}`

/** What a process takes for its heap in a container of this limit when nobody says. */
export const defaultHeapLimit = (limitBytes: number): number =>
  Math.max(DEFAULT_MIN_BYTES, DEFAULT_SHARE * limitBytes)

/** Undefined where nothing limits it, or not all of what may set it could be read. */
export function dotnetHeap(profile: RuntimeProfile): Believed | undefined {
  const { environment, memoryLimitBytes, machineMemoryBytes = Number.POSITIVE_INFINITY } = profile
  if (memoryLimitBytes === undefined) return undefined
  const limit = Math.min(memoryLimitBytes, machineMemoryBytes)
  const set = setHeapLimit(profile, limit)
  if (set !== undefined) {
    const { value, confidence, source } = set
    return { value, confidence, source }
  }
  return environment === undefined || CUT in environment
    ? undefined
    : { value: defaultHeapLimit(limit), confidence: 'inferred', source: byDefault('.NET') }
}

export const dotnetMajor = (version: string | undefined): number | undefined => {
  const major = /^(\d{1,2})\./.exec(version ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}

/** Whether the number of heaps follows the load; undefined where that cannot be told. */
export function adaptsHeaps(profile: RuntimeProfile): boolean | undefined {
  const set = isOn(profile, 'GCDynamicAdaptationMode', 'System.GC.DynamicAdaptationMode')
  const major = dotnetMajor(profile.version)
  return set ?? (major === undefined ? undefined : major >= ADAPTS_SINCE)
}

/** Undefined where neither variable nor file says so: it is off by default, but for web programs. */
export const serverGc = (profile: RuntimeProfile): boolean | undefined =>
  isOn(profile, 'gcServer', 'System.GC.Server')
