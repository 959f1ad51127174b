/** What final flags say in the words that counters have for it, and as one attribute. */
import { CUT } from '../../../catalog/entity.ts'
import type { JvmFlag } from '../../../catalog/jvm-flag.ts'
import { limits } from '../../../catalog/limit.ts'
import type { FinalFlags } from './deep.ts'
import type { Collector } from './jvm.ts'

const COLLECTORS: readonly (readonly [JvmFlag, Collector])[] = [
  ['UseSerialGC', 'Serial'],
  ['UseParallelGC', 'Parallel'],
  ['UseConcMarkSweepGC', 'CMS'],
  ['UseG1GC', 'G1'],
  ['UseZGC', 'ZGC'],
  ['UseShenandoahGC', 'Shenandoah'],
  ['UseEpsilonGC', 'Epsilon'],
]

/** HotSpot sets the flag of the one that it uses, whoever chose it. */
export const collectorIn = (flags: FinalFlags): Collector | undefined =>
  COLLECTORS.find(([name]) => flags.get(name)?.value === 'true')?.[1]

export function heapMaxIn(flags: FinalFlags): number | undefined {
  const bytes = Number(flags.get('MaxHeapSize')?.value)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** `Name=value origin`, one a line; what does not fit is cut, and that is said. */
export function asAttribute(flags: FinalFlags): string {
  const lines: string[] = []
  let room = limits.finalFlagsBytes.value - Buffer.byteLength(CUT)
  for (const [name, { value, origin }] of flags) {
    const line = `${name}=${value} ${origin}`
    room -= line.length + 1
    if (room < 0) return [...lines, CUT].join('\n')
    lines.push(line)
  }
  return lines.join('\n')
}
