/**
 * `candor runtimes`: every runtime with what it believes it may use, what the kernel enforces, and the
 * fix; of this machine, or of the fleet that a collector knows. Exit 0 when nothing was found, 3 with
 * findings as grave as `--fail-on` says, 1 when the machine or the collector could not be read.
 */
import { styleText } from 'node:util'
import { limits } from '../catalog/limit.ts'
import type { JvmCoverage } from '../judge/coverage.ts'
import { type RuntimeLine, runtimeList } from '../judge/runtime-list.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { checkFlags, EXIT_CLEAN, EXIT_FAILED, EXIT_FOUND, reaches, takePasses } from './check.ts'
import { judgePasses } from './picture.ts'
import { openSampler } from './reading.ts'
import { describeRuntimes } from './runtimes-report.ts'
import { printable } from './table.ts'

export const runtimesFlags = {
  'collector.url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: 'Collector whose fleet is to be listed; without it this machine is looked at.',
  },
  ...checkFlags,
} as const satisfies FlagTable

/** What is listed, and what is to be said of the list as a whole. */
export interface RuntimeListing {
  readonly runtimes: readonly RuntimeLine[]
  /** Runtimes that there are, listed or not. */
  readonly total: number
  /** Absent where a collector did not tell. */
  readonly jvms?: JvmCoverage
  /** Why the list may be old. */
  readonly notes: readonly string[]
}

class CannotRead extends Error {
  override readonly name = 'CannotRead'
}

export async function runtimes(
  settings: Settings<typeof runtimesFlags>,
  platform: string = process.platform,
): Promise<number> {
  const url = settings['collector.url']
  try {
    const listing = url === undefined ? await ofMachine(settings, platform) : await ofFleet(url)
    process.stdout.write(
      settings.format === 'json'
        ? `${JSON.stringify(listing, null, 2)}\n`
        : `${describeRuntimes(listing)}\n`,
    )
    const isGrave = listing.runtimes.some(({ verdict }) => reaches(verdict, settings))
    return isGrave ? EXIT_FOUND : EXIT_CLEAN
  } catch (error) {
    if (!(error instanceof CannotRead)) throw error
    const mark = styleText('red', 'candor:', { stream: process.stderr })
    process.stderr.write(`${mark} ${printable(error.message)}\n`)
    return EXIT_FAILED
  }
}

async function ofMachine(
  settings: Settings<typeof runtimesFlags>,
  platform: string,
): Promise<RuntimeListing> {
  if (platform !== 'linux')
    throw new CannotRead('runtimes are read on Linux alone; --collector.url lists those of a fleet')
  const sampler = openSampler(settings)
  try {
    const [earlier, pass] = await takePasses(sampler, parseDuration(settings.duration)!)
    const { profiles, jvms, judged, findings } = judgePasses(earlier, pass)
    if (profiles.machines[0]?.cpuCores === undefined)
      throw new CannotRead('this machine could not be read')
    return {
      runtimes: runtimeList(profiles.runtimes, judged, findings, pass.timeMs),
      total: profiles.runtimes.length,
      jvms,
      notes: [],
    }
  } finally {
    sampler.close()
  }
}

interface Answer {
  readonly evaluation: { readonly state: string; readonly error?: string }
  readonly total: number
  readonly runtimes: readonly RuntimeLine[]
  /** Absent in answers of a collector that is older than this command. */
  readonly jvms?: JvmCoverage
}

async function ofFleet(url: string): Promise<RuntimeListing> {
  const { evaluation, total, runtimes: lines, jvms } = await ask(url)
  const why = evaluation.error === undefined ? '' : `: ${evaluation.error}`
  if (evaluation.state === 'waiting')
    throw new CannotRead(`the collector has not evaluated anything yet${why}`)
  return {
    runtimes: lines,
    total,
    ...(jvms && { jvms }),
    notes: evaluation.state === 'stale' ? [`old: the last evaluation failed${why}`] : [],
  }
}

async function ask(url: string): Promise<Answer> {
  const address = new URL('api/v1/runtimes', url.endsWith('/') ? url : `${url}/`)
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(limits.requestMs.value) })
    const body: unknown = await response.json()
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    if (!isAnswer(body)) throw new Error('this is no list of runtimes')
    return body
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new CannotRead(`${address.href}: ${cause instanceof Error ? cause.message : 'failed'}`, {
      cause: error,
    })
  }
}

/** Whoever answers there is trusted with what it says of runtimes, if it is a list of them. */
const isAnswer = (body: unknown): body is Answer =>
  typeof body === 'object' &&
  body !== null &&
  'evaluation' in body &&
  typeof body.evaluation === 'object' &&
  body.evaluation !== null &&
  'runtimes' in body &&
  Array.isArray(body.runtimes) &&
  (!('jvms' in body) || isCoverage(body.jvms))

const isCoverage = (jvms: unknown): jvms is JvmCoverage =>
  typeof jvms === 'object' && jvms !== null && 'unread' in jvms && Array.isArray(jvms.unread)
