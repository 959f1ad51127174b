/**
 * `candor diff URL`: what a running node_exporter or cAdvisor shows, beside what we read of the same
 * machine at the same time. Exit 0 when nothing is missing and all agrees, 3 on differences, 1 when
 * the exporter could not be read.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import type { Sampler } from '../agent/pass.ts'
import { limits } from '../catalog/limit.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { UsageError } from '../settings/usage-error.ts'
import { renderRows } from '../wire/exposition.ts'
import { parseExposition } from '../wire/parse-exposition.ts'
import { comparePages, isDifferent, type Page } from './compare-pages.ts'
import { describeComparison } from './comparison-report.ts'
import { formatFlag, openSampler, readingFlags } from './reading.ts'

export const diffFlags = {
  format: formatFlag,
  rounds: {
    type: 'string',
    default: '5',
    choices: ['1', '2', '3', '5', '10', '20'],
    value: 'NUMBER',
    help: 'Times that both are read. A counter must agree each time, a gauge once.',
  },
  duration: {
    type: 'string',
    form: 'duration',
    default: '1s',
    value: 'TIME',
    help: 'Time between two rounds.',
  },
  ...readingFlags,
} as const satisfies FlagTable

const EXIT_SAME = 0
const EXIT_FAILED = 1
const EXIT_DIFFERENT = 3

const PARSE_LIMITS = {
  samples: limits.comparedSamples.value,
  labels: limits.pointAttributes.value,
  labelBytes: limits.attributeBytes.value,
}

export async function diff(settings: Settings<typeof diffFlags>, url: string): Promise<number> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `expected the address of an exporter, such as http://127.0.0.1:9100/metrics, found ${JSON.stringify(url)}`,
    ])
  }
  const sampler = openSampler(settings)
  try {
    // The first pass is slow: code is compiled in it.
    sampler.pass(Date.now())
    const ours: Page[] = []
    const theirs: Page[] = []
    for (let round = 0; round < Number(settings.rounds); round++) {
      if (round > 0) await wait(parseDuration(settings.duration))
      ours.push(readOurs(sampler))
      theirs.push(await readTheirs(url))
      ours.push(readOurs(sampler))
    }
    const comparison = comparePages(theirs, ours)
    process.stdout.write(
      settings.format === 'json'
        ? `${JSON.stringify(comparison, null, 2)}\n`
        : `${describeComparison(url, theirs.length, comparison)}\n`,
    )
    return isDifferent(comparison) ? EXIT_DIFFERENT : EXIT_SAME
  } catch (error) {
    if (!(error instanceof CannotRead)) throw error
    const mark = styleText('red', 'candor:', { stream: process.stderr })
    process.stderr.write(`${mark} ${error.message}\n`)
    return EXIT_FAILED
  } finally {
    sampler.close()
  }
}

class CannotRead extends Error {
  override readonly name = 'CannotRead'
}

function readOurs(sampler: Sampler): Page {
  const fromMs = Date.now()
  const { rows } = sampler.pass(fromMs)
  const toMs = Date.now()
  return { fromMs, toMs, families: parseExposition(renderRows(rows).toString(), PARSE_LIMITS) }
}

async function readTheirs(url: string): Promise<Page> {
  const fromMs = Date.now()
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/plain; version=0.0.4' },
      signal: AbortSignal.timeout(limits.comparedPageMs.value),
    })
    if (!response.ok) throw new Error(`the answer is ${response.status}`)
    const text = await readBounded(response)
    const toMs = Date.now()
    if (/^\s*</.test(text)) throw new Error(`a page of HTML; ${ASKING}`)
    const families = parseExposition(text, PARSE_LIMITS)
    return { fromMs, toMs, families }
  } catch (error) {
    const { message, cause } = error as Error
    throw new CannotRead(`${url}: ${whyOf(message, cause)}`, { cause: error })
  }
}

const ASKING = "is this an exporter's /metrics, such as http://127.0.0.1:9100/metrics?"

/** `fetch` says why in its cause, and of ports that browsers must not use a riddle. */
function whyOf(message: string, cause: unknown): string {
  if (!(cause instanceof Error)) return message
  if (cause.message === 'bad port') return `a port that is never one of HTTP; ${ASKING}`
  return cause.message === ''
    ? `${message}: ${String((cause as { code?: unknown }).code)}`
    : cause.message
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > limits.comparedPageBytes.value) {
      throw new Error(`the page is longer than ${limits.comparedPageBytes.value} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
