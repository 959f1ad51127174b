/**
 * How much of the heap the old generation may take, by the flags that divide it.
 *
 * Source: hotspot/share/gc/shared/genArguments.cpp; java(1): NewRatio, MaxNewSize, -Xmn
 * Units:  bytes
 */
import { type Flags, numberOf, parseSize, sizeOf } from './jvm-flags.ts'

/** Their old generation is a fixed part; with the others any part of the heap may be old. */
const DIVIDED: readonly (string | undefined)[] = ['Serial', 'Parallel', 'CMS']
const NEW_RATIO = 2

export function oldMaxBytes(
  collector: string | undefined,
  heapMaxBytes: number,
  flags: Flags,
): number {
  if (!DIVIDED.includes(collector)) return heapMaxBytes
  const fixed = flags.findLast((flag) => /^-Xmn\d/.test(flag))?.slice('-Xmn'.length)
  const young = (fixed === undefined ? undefined : parseSize(fixed)) ?? sizeOf(flags, 'MaxNewSize')
  if (young !== undefined && young < heapMaxBytes) return heapMaxBytes - young
  const parts = (numberOf(flags, 'NewRatio') ?? NEW_RATIO) + 1
  return heapMaxBytes - heapMaxBytes / parts
}
