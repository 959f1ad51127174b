/** Runtimes as a table for a terminal: a line each, and the fix of those that need one below it. */
import { styleText } from 'node:util'
import { supportAsOf } from '../catalog/runtime-support.ts'
import { bytes, limit, UNKNOWN } from '../dashboards/console/units.js'
import { coverageText, type JvmCoverage } from '../judge/coverage.ts'
import type { Believed } from '../judge/profile.ts'
import type { RuntimeLine, RuntimeVerdict } from '../judge/runtime-list.ts'
import { supportIsStale } from '../judge/support.ts'
import { wrap } from '../settings/wrap.ts'
import type { RuntimeListing } from './runtimes.ts'
import { printable } from './table.ts'

const WIDTH = 120
const GAP = '  '
const INDENT = '      '
/** Marks a version that gets no fixes any more. */
const ENDED = '!'
const INFERRED = '~'

type Style = Parameters<typeof styleText>[0]
const style = (format: Style, text: string) => styleText(format, text, { stream: process.stdout })

const VERDICT_STYLE: Readonly<Record<RuntimeVerdict, Style>> = {
  critical: ['red', 'bold'],
  high: 'red',
  warning: 'yellow',
  info: 'cyan',
  'not-judged': 'dim',
  fine: 'green',
}

interface Column {
  readonly head: string
  readonly cell: (line: RuntimeLine) => string
  /** What the rest leaves is divided between those without. */
  readonly most?: number
}

const number = (value: number) => String(Number(value.toFixed(2)))

const sure = (believed: Believed | undefined, print: (value: number) => string) =>
  believed === undefined
    ? UNKNOWN
    : `${believed.confidence === 'inferred' ? INFERRED : ''}${print(believed.value)}`

const MACHINE: Column = { head: 'machine', cell: ({ machine }) => machine, most: 16 }
const COLUMNS: readonly Column[] = [
  { head: 'workload', cell: ({ workload }) => workload },
  {
    head: 'runtime',
    cell: ({ runtime, version = '', supportEnded }) =>
      `${runtime} ${version}${supportEnded === undefined ? '' : ENDED}`.trim(),
    most: 22,
  },
  {
    head: 'believed',
    cell: ({ believedCpus, believedMemory }) =>
      `${sure(believedCpus, number)} / ${sure(believedMemory, bytes)}`,
    most: 20,
  },
  {
    head: 'enforced',
    cell: ({ enforcedCpus, enforcedMemoryBytes }) =>
      `${limit(enforcedCpus, cpus)} / ${limit(enforcedMemoryBytes, bytes)}`,
    most: 18,
  },
  { head: 'verdict', cell: verdictOf, most: 16 },
]
const cpus = (value: number | undefined) => (value === undefined ? UNKNOWN : number(value))

function verdictOf({ verdict, findings, rules, judged }: RuntimeLine): string {
  if (verdict === 'not-judged') return 'not judged'
  if (findings > 1) return `${verdict} +${findings - 1}`
  return verdict === 'fine' && judged < rules ? `fine, ${judged} of ${rules}` : verdict
}

export function describeRuntimes(
  { runtimes, total, jvms, notes }: RuntimeListing,
  nowMs: number = Date.now(),
): string {
  const heading = `${style('bold', 'Runtimes')}${GAP}${total}`
  const left = total > runtimes.length ? [`  … and ${total - runtimes.length} more`] : []
  return [
    heading,
    ...(runtimes.length === 0 ? [] : tableOf(runtimes)),
    ...left,
    ...(jvms === undefined ? [] : coverage(jvms, runtimes)),
    ...notes.map((note) => `  ${style('yellow', printable(note))}`),
    ...legend(runtimes, nowMs),
  ].join('\n')
}

/** Reasons that are told; a fleet has as many of them as machines. */
const REASONS = 10

/** How many JVMs could be read, and what could not. */
function coverage(jvms: JvmCoverage, runtimes: readonly RuntimeLine[]): string[] {
  const text = coverageText(jvms)
  const { unread } = jvms
  const several = new Set([...unread, ...runtimes].map(({ machine }) => machine)).size > 1
  const reasons = unread
    .slice(0, REASONS)
    .map(({ machine, reason, count }) =>
      style('yellow', printable(`${count} not read${several ? ` on ${machine}` : ''}: ${reason}`)),
    )
  const left = unread.slice(REASONS).reduce((sum, { count }) => sum + count, 0)
  return [
    ...(text === undefined ? [] : [text]),
    ...reasons,
    ...(left > 0 ? [style('yellow', `and ${left} more not read`)] : []),
  ].map((line) => `  ${line}`)
}

function tableOf(runtimes: readonly RuntimeLine[]): string[] {
  const several = new Set(runtimes.map(({ machine }) => machine)).size > 1
  const columns = several ? [COLUMNS[0]!, MACHINE, ...COLUMNS.slice(1)] : COLUMNS
  const cells = runtimes.map((line) => columns.map(({ cell }) => printable(cell(line))))
  const widths = widthsOf(columns, cells)
  const row = (texts: readonly string[]) => texts.map((text, i) => fit(text, widths[i]!)).join(GAP)
  const head = style('dim', `  ${row(columns.map((column) => column.head))}`.trimEnd())
  return [head, ...runtimes.flatMap((line, i) => linesOf(line, row(cells[i]!)))]
}

function linesOf(line: RuntimeLine, text: string): string[] {
  const verdict = verdictOf(line)
  // Only the verdict is coloured, which is the last cell.
  const plain = text.trimEnd()
  const coloured = plain.endsWith(verdict)
    ? `${plain.slice(0, -verdict.length)}${style(VERDICT_STYLE[line.verdict], verdict)}`
    : plain
  const below =
    line.fix !== undefined
      ? `${line.rule}: ${line.fix}`
      : line.reason !== undefined
        ? line.reason
        : undefined
  return [
    `  ${coloured}`,
    ...(below === undefined
      ? []
      : wrap(printable(below), WIDTH - INDENT.length).map(
          (each) => INDENT + style(line.fix === undefined ? 'dim' : 'green', each),
        )),
  ]
}

function widthsOf(columns: readonly Column[], cells: readonly (readonly string[])[]): number[] {
  const widest = columns.map(({ head, most = WIDTH }, i) =>
    Math.min(most, Math.max(head.length, ...cells.map((row) => row[i]!.length))),
  )
  const rest = widest.slice(1).reduce((sum, width) => sum + width + GAP.length, GAP.length)
  return [Math.min(widest[0]!, WIDTH - rest), ...widest.slice(1)]
}

/** The end of a long name tells more than its beginning. */
const fit = (text: string, width: number): string =>
  text.length <= width ? text.padEnd(width) : `…${text.slice(text.length - width + 1)}`

function legend(runtimes: readonly RuntimeLine[], nowMs: number): string[] {
  const ended = runtimes.some(({ supportEnded }) => supportEnded !== undefined)
  const inferred = runtimes.some(({ believedCpus, believedMemory }) =>
    [believedCpus, believedMemory].some((each) => each?.confidence === 'inferred'),
  )
  const parts = [
    ...(runtimes.length > 0 ? ['believed and enforced: CPUs / memory'] : []),
    ...(inferred ? [`${INFERRED} inferred, not read`] : []),
    ...(ended ? [`${ENDED} no fixes any more, as known on ${supportAsOf}`] : []),
    ...(runtimes.length > 0 && supportIsStale(nowMs)
      ? [`which versions get no fixes any more is known as of ${supportAsOf} only`]
      : []),
  ]
  return parts.length === 0 ? [] : [style('dim', `  ${parts.join('; ')}`)]
}
