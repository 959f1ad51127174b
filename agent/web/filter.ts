/**
 * `?collect[]=NAME` and `?exclude[]=NAME`, as node_exporter has them: a scrape of some readers only.
 */
import { collectorsWithoutReader } from '../../catalog/exporter-flags.ts'
import { machineReader } from '../../catalog/tables/machine-reader.ts'
import { machineUnread } from '../../catalog/tables/machine-unread.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { didYouMean } from '../../settings/suggest.ts'
import type { ForeignFamily, Row } from '../../wire/sample.ts'
import { type AgentPass, READERS } from '../pass.ts'

/** Names of readers; undefined for all of them. */
export type Filter = ReadonlySet<string> | undefined

interface Asked {
  readonly filter: Filter
  /** Collectors of node_exporter that are asked for and not read here. */
  readonly lacking: readonly string[]
}

/** `readers`: every name, and whether it is switched on. */
export function filterOf(
  query: URLSearchParams,
  readers: ReadonlyMap<string, boolean>,
): Asked | { readonly problem: string } {
  const collect = query.getAll('collect[]')
  const exclude = query.getAll('exclude[]')
  if (collect.length > 0 && exclude.length > 0) {
    return { problem: 'Combined collect and exclude queries are not allowed.' }
  }
  const known = [...readers.keys()]
  const isLacking = (name: string) => Object.hasOwn(collectorsWithoutReader, name)
  const lacking = collect.filter(isLacking)
  const unknown = [...collect, ...exclude].find((name) => !readers.has(name) && !isLacking(name))
  if (unknown !== undefined) {
    const named = JSON.stringify(unknown.slice(0, 80))
    return {
      problem: `missing collector: ${named}${didYouMean(unknown, known)}\nknown: ${known.join(', ')}`,
    }
  }
  const disabled = collect.find((name) => readers.get(name) === false)
  if (disabled !== undefined) {
    return {
      problem: `disabled collector: ${disabled}; start the agent with --collector.${disabled}`,
    }
  }
  if (collect.length > 0) return { filter: new Set(withParts(collect)), lacking }
  if (exclude.length === 0) return { filter: undefined, lacking }
  const excluded = withParts(exclude)
  return { filter: new Set(known.filter((name) => !excluded.includes(name))), lacking }
}

/** What one collector of node_exporter shows, here several readers may. */
const withParts = (names: readonly string[]): readonly string[] => [
  ...names,
  ...READERS.flatMap(({ name, partOf }) =>
    partOf !== undefined && names.includes(partOf) && !names.includes(name) ? [name] : [],
  ),
]

/** The same for all filters that mean the same. */
export const filterKey = (filter: Filter): string =>
  filter === undefined ? '*' : [...filter].sort().join(',')

/** Entities that could not be read are counted by the reader that meets them. */
const READER_OF: Readonly<Record<string, string>> = { container: 'cgroup', runtime: 'jvm' }

interface Found {
  readonly rows: readonly Row[]
  readonly foreign: readonly ForeignFamily[]
  /** Columns of a row that are wanted; of one that is not here, all are. */
  readonly only: ReadonlyMap<Row, readonly number[]>
}

/** What the readers found in this pass; of the machine's own row, the columns that they filled. */
export function rowsOf(pass: AgentPass, filter: Filter): Found {
  if (filter === undefined) return { rows: pass.rows, foreign: pass.foreign ?? [], only: new Map() }
  const reports = pass.readers.filter(({ name }) => filter.has(name))
  const only = new Map<Row, readonly number[]>()
  const rows = pass.rows.filter((row) => {
    if (row.table === machine) {
      only.set(
        row,
        reports.flatMap(({ columns }) => columns),
      )
      return true
    }
    if (row.table === machineReader) return filter.has(row.keys[0]!)
    return row.table === machineUnread && filter.has(READER_OF[row.keys[0]!] ?? '')
  })
  return {
    rows: [...rows, ...reports.flatMap(({ found }) => found)],
    foreign: reports.flatMap(({ foreign = [] }) => foreign),
    only,
  }
}
