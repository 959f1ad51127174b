/** The heap that fits beside what else Node.js needs, and how to say so to it. */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import { heapWords, isShare } from '../ergonomics/nodejs.ts'
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'
import type { Limit } from './limit.ts'
import { mebibytes } from './words.ts'

const MIB = 1024 ** 2
/** Room for buffers, where the limit is large. */
const HEAP_SHARE = 0.75
/** A heap below it is not worth having: the limit is what is wrong. */
const LEAST_BYTES = 48 * MIB

/** Processes of Node.js that share the limit. */
export const processesIn = ({ neighbours = [] }: RuntimeProfile): number =>
  1 + neighbours.filter(({ runtime }) => runtime === 'nodejs').length

/** `youngBytes` come on top of what the flag says. */
export function heapFix(node: RuntimeProfile, limit: Limit, youngBytes: number): Fix {
  const processes = processesIn(node)
  const share = limit.bytes / processes
  const most = shared.v8LimitShare.value * share - shared.besideV8.value - youngBytes
  const mebi = Math.floor(Math.min(HEAP_SHARE * share, most) / MIB)
  if (mebi * MIB < LEAST_BYTES)
    return {
      fix: `raise the memory limit of ${limit.source}: what Node.js needs beside its heap leaves no room for one in ${mebibytes(share)}`,
      fixValues: {},
    }
  const each = processes > 1 ? ` (for each of the ${processes} processes of Node.js)` : ''
  return {
    fix: `${withOldSpace(node, mebi)}${each}`,
    fixValues: { maxOldSpaceMib: mebi },
  }
}

/** What the command line says wins over NODE_OPTIONS, but a share there over a size anywhere. */
function withOldSpace(node: RuntimeProfile, mebi: number): string {
  const wanted = `--max-old-space-size=${mebi}`
  const { environment = {} } = node
  const { given, options } = heapWords(node)
  const shares = options.filter(isShare)
  const rest = shares.length === 0 ? '' : `, without ${listed(shares)} in NODE_OPTIONS`
  if (given.length > 0) return `replace ${listed(given)} by ${wanted} on the command line${rest}`
  if (options.length > 0) return `replace ${listed(options)} by ${wanted} in NODE_OPTIONS`
  // It may hold more than may be told.
  return environment['NODE_OPTIONS'] === undefined
    ? `set NODE_OPTIONS=${wanted}`
    : `add ${wanted} to NODE_OPTIONS`
}

const listed = (words: readonly string[]): string => [...new Set(words)].join(' and ')
