/**
 * How large V8 lets the heap of Node.js become when nobody says, by the memory that Node.js sees.
 *
 * Source: Heap::ConfigureHeap of V8: half of the memory for the old generation, 256 MiB to 2 GiB, and
 *         4 GiB from 15 GiB on; the young one is three semi-spaces. Measured with Node.js 20 and 24 at
 *         256 MiB to 16 GiB (test/judge/ergonomics/nodejs.test.ts has the figures).
 * Units:  bytes
 */
import { CUT } from '../../catalog/entity.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { byDefault } from './by-default.ts'

const MIB = 1024 ** 2
const GIB = 1024 * MIB
const OLD_MIN = 256 * MIB
const OLD_MAX = 2 * GIB
const OLD_MAX_LARGE = 4 * GIB
const LARGE_MEMORY = 15 * GIB
const SPACES = 3
/** Those of which the table was measured. */
const MEASURED = new Set([20, 24])

interface Young {
  /** Of the old generation, for one semi-space. */
  readonly share: number
  readonly most: number
}

const YOUNG: Young = { share: 1 / 128, most: 16 * MIB }
const YOUNG_24: Young = { share: 1 / 32, most: 64 * MIB }
/** The least heap has the least young generation. */
const YOUNG_LEAST = 3 * MIB

export const nodeMajor = (version: string | undefined): number | undefined => {
  const major = /^v?(\d{1,3})\b/.exec(version ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}

/** What V8 takes for the old generation when nobody says. */
function oldBytes(memoryBytes: number): number {
  const most = memoryBytes >= LARGE_MEMORY ? OLD_MAX_LARGE : OLD_MAX
  return Math.min(most, Math.max(OLD_MIN, Math.floor(memoryBytes / 2)))
}

/** What comes on top of the old generation, by the memory alone, whatever that one was set to. */
export function youngBytes(memoryBytes: number, major: number): number {
  const old = oldBytes(memoryBytes)
  if (old <= OLD_MIN) return YOUNG_LEAST
  const { share, most } = major >= 24 ? YOUNG_24 : YOUNG
  return SPACES * Math.min(most, Math.floor((old * share) / MIB) * MIB)
}

/** The whole heap by default, in a machine or container of so much memory. */
export const defaultHeapBytes = (memoryBytes: number, major: number): number =>
  oldBytes(memoryBytes) + youngBytes(memoryBytes, major)

/** libuv reads cgroup v2 since 1.45, which came with Node.js 20; it looks at its own cgroup alone. */
export function seenMemory(profile: RuntimeProfile, major: number): number | undefined {
  const { ownMemoryLimitBytes, machineMemoryBytes, machineCgroups, seesCgroups } = profile
  // Of a hybrid it reads the controllers of v1.
  const reads = seesCgroups !== false && (machineCgroups !== 'v2' || major >= 20)
  if (machineMemoryBytes === undefined) return reads ? ownMemoryLimitBytes : undefined
  return Math.min(
    machineMemoryBytes,
    (reads ? ownMemoryLimitBytes : undefined) ?? machineMemoryBytes,
  )
}

const SIZE = /^--max[-_]old[-_]space[-_]size[= ](\d{1,9})$/
const SHARE = /^--max[-_]old[-_]space[-_]size[-_]percentage[= ](\d{1,3}(?:\.\d{1,6})?)$/

const EITHER = new RegExp(`${SIZE.source}|${SHARE.source}`)

/** Words about the heap, in their order; a share wins over every size, wherever the two are. */
export interface HeapWords {
  readonly given: readonly string[]
  readonly options: readonly string[]
}

export const isShare = (word: string): boolean => SHARE.test(word)

export function heapWords({ arguments: given = [], environment }: RuntimeProfile): HeapWords {
  const options = environment?.['NODE_OPTIONS']?.match(/[^\s=]+(?:=\S*| \d\S*)?/g) ?? []
  const about = (words: readonly string[]) => words.filter((word) => EITHER.test(word))
  return { given: about(given), options: about(options) }
}

/** Last of the command line, else last of NODE_OPTIONS. */
function lastOf(profile: RuntimeProfile, pattern: RegExp): number | undefined {
  const { given, options } = heapWords(profile)
  for (const words of [given, options]) {
    const found = words.findLast((word) => pattern.test(word))
    if (found !== undefined) return Number(pattern.exec(found)?.[1])
  }
  return undefined
}

export const isHeapSet = (profile: RuntimeProfile): boolean =>
  lastOf(profile, SIZE) !== undefined || lastOf(profile, SHARE) !== undefined

/** Undefined where it cannot be told; the young generation is in it. */
export function nodeHeap(profile: RuntimeProfile): Believed | undefined {
  const { environment, arguments: given } = profile
  if (environment === undefined || given === undefined) return undefined
  const major = nodeMajor(profile.version)
  const memory = major === undefined ? undefined : seenMemory(profile, major)
  const young = major === undefined || memory === undefined ? undefined : youngBytes(memory, major)
  const share = lastOf(profile, SHARE)
  if (share !== undefined && share > 0) {
    if (memory === undefined || young === undefined) return undefined
    const value = Math.floor((memory * share) / 100) + young
    return { value, confidence: 'strong', source: '--max-old-space-size-percentage' }
  }
  const size = lastOf(profile, SIZE)
  if (size !== undefined && size > 0)
    return { value: size * MIB + (young ?? 0), confidence: 'exact', source: '--max-old-space-size' }
  if (major === undefined || memory === undefined || young === undefined) return undefined
  // Where words were cut off, none is known not to be there.
  if (CUT in environment || given.includes(CUT)) return undefined
  const confidence = MEASURED.has(major) ? 'strong' : 'inferred'
  return { value: oldBytes(memory) + young, confidence, source: byDefault(`Node.js ${major}`) }
}
