/** The hsperfdata fixtures: real files of real JVMs, see test/fixtures/hsperfdata/README.md. */
import { readdirSync, readFileSync } from 'node:fs'
import {
  type Counters,
  countersOf,
  parseHsperfdata,
} from '../../../../agent/runtime/jvm/hsperfdata.ts'

const ROOT = new URL('../../../fixtures/hsperfdata/', import.meta.url)

export const fixtureNames: readonly string[] = readdirSync(ROOT)
  .filter((file) => file.endsWith('.hsperfdata'))
  .map((file) => file.slice(0, -'.hsperfdata'.length))

export const fixtureBytes = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`${name}.hsperfdata`, ROOT)))

export const fixtureText = (name: string, suffix: string): string =>
  readFileSync(new URL(`${name}.${suffix}.txt`, ROOT), 'utf8')

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function fixtureCounters(name: string): Counters {
  const view = viewOf(fixtureBytes(name))
  return countersOf(parseHsperfdata(view), view)
}

/** The same file as a big-endian machine would write it. */
export function byteSwapped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const swapped = Uint8Array.from(bytes)
  const from = viewOf(bytes)
  const to = viewOf(swapped)
  const int = (at: number) => to.setInt32(at, from.getInt32(at, true), false)
  const long = (at: number) => to.setBigInt64(at, from.getBigInt64(at, true), false)
  swapped[4] = 0
  for (const at of [8, 12, 24, 28]) int(at)
  long(16)
  let at = from.getInt32(24, true)
  for (let i = 0; i < from.getInt32(28, true); i += 1) {
    const length = from.getInt32(at, true)
    for (const field of [0, 4, 8, 16]) int(at + field)
    if (from.getUint8(at + 12) === 'J'.charCodeAt(0)) long(at + from.getInt32(at + 16, true))
    at += length
  }
  return swapped
}
