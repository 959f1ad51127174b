/** `candor cardinality`: how many series this machine makes, by family and by reader. */
import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import type { AgentPass } from '../agent/pass.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import type { Row } from '../wire/sample.ts'
import { formatFlag, openSampler, readingFlags } from './reading.ts'
import { table } from './table.ts'

export const cardinalityFlags = {
  format: formatFlag,
  ...readingFlags,
} as const satisfies FlagTable

/** What is asked of others while a first pass is made needs this time to be answered. */
const SETTLE_MS = 500

export interface Cardinality {
  readonly series: number
  readonly families: readonly { readonly name: string; readonly series: number }[]
  readonly readers: readonly { readonly name: string; readonly series: number }[]
}

export async function cardinality(settings: Settings<typeof cardinalityFlags>): Promise<number> {
  const sampler = openSampler(settings)
  try {
    sampler.pass(Date.now())
    await wait(SETTLE_MS)
    const counted = countSeries(sampler.pass(Date.now()))
    process.stdout.write(
      settings.format === 'json'
        ? `${JSON.stringify(counted, null, 2)}\n`
        : `${describeCardinality(counted)}\n`,
    )
    return 0
  } finally {
    sampler.close()
  }
}

/** Series of a pass as /metrics shows them; what the agent says of itself is not among them. */
export function countSeries({ rows, readers }: AgentPass): Cardinality {
  const families = new Map<string, number>()
  for (const { table: of, values } of rows) {
    of.metrics.forEach(({ prom }, i) => {
      if (!Number.isNaN(values[i]!)) families.set(prom, (families.get(prom) ?? 0) + 1)
    })
  }
  const counted = [...families].map(([name, series]) => ({ name, series }))
  return {
    series: counted.reduce((sum, { series }) => sum + series, 0),
    families: counted.toSorted(most),
    readers: readers
      .map(({ name, found, columns }) => ({
        name,
        series: found.reduce((sum, row) => sum + present(row), columns.length),
      }))
      .filter(({ series }) => series > 0)
      .toSorted(most),
  }
}

const present = ({ values }: Row): number =>
  values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)

const most = (a: { series: number; name: string }, b: { series: number; name: string }) =>
  b.series - a.series || (a.name < b.name ? -1 : 1)

export function describeCardinality({ series, families, readers }: Cardinality): string {
  const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
  const lines = (of: Cardinality['families']) =>
    of.map(({ name, series: count }) => [
      String(count),
      `${((count / series) * 100).toFixed(1)} %`,
      name,
    ])
  return [
    `${bold(`${series} series`)} in ${families.length} families`,
    '',
    table(['series', 'share', 'reader'], lines(readers), [0, 1]),
    '',
    table(['series', 'share', 'family'], lines(families), [0, 1]),
  ].join('\n')
}
