/**
 * A run of a real agent, as it was recorded: what it pushed, pass by pass, and the page that it served after
 * one of them. What is in it: test/fixtures/agent-run/README.md.
 */
import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

/** Whole seconds around the last pass, and the machine's name. */
export const RECORDED = { endMs: 1_795_305_590_000, instance: 'vm' } as const

const folder = new URL('../../../fixtures/agent-run/', import.meta.url)
const unpacked = (name: string) => brotliDecompressSync(readFileSync(new URL(name, folder)))

/** Bodies of `POST /v1/metrics`, in the order in which they were sent. */
export function recordedBodies(): Buffer[] {
  const all = unpacked('bodies.br')
  const bodies: Buffer[] = []
  for (let at = 0; at < all.length;) {
    const end = at + 4 + all.readUInt32BE(at)
    bodies.push(all.subarray(at + 4, end))
    at = end
  }
  return bodies
}

/** What `GET /metrics` gave after the newest of the passes. */
export const recordedPage = (): string => unpacked('page.br').toString()
