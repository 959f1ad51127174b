/** A picture of the machine as a page of text: what was read, what runs, what is wrong and its fix. */
import { styleText } from 'node:util'
import { type FindingRuleId, findingRules } from '../catalog/finding.ts'
import type { Link } from '../catalog/findings/link.ts'
import { coverageText } from '../judge/coverage.ts'
import type { Evidence } from '../judge/finding.ts'
import type { ReaderReport } from '../agent/pass.ts'
import type { FindingPicture, Picture } from './picture.ts'
import { printable, table } from './table.ts'
import { LINE_WIDTH, wrap } from '../settings/wrap.ts'
import { bytes, cores, figure, limit, percent } from '../dashboards/console/units.js'

type Style = Parameters<typeof styleText>[0]
const style = (format: Style, text: string) => styleText(format, text, { stream: process.stdout })

/** Rows of containers and runtimes that a first look shows; the rest is counted. */
const SHOWN = 20

export function describe(picture: Picture): string {
  return [
    machineLine(picture),
    readersBlock(picture.readers),
    containersBlock(picture),
    runtimesBlock(picture),
    findingsBlock(picture),
  ].join('\n\n')
}

function machineLine({ machine }: Picture): string {
  const parts = [
    machine.kernel && `Linux ${machine.kernel}`,
    machine.cpus !== undefined && `${machine.cpus} CPUs`,
    machine.memoryBytes !== undefined && `${bytes(machine.memoryBytes)} memory`,
    machine.cgroups && `cgroup ${machine.cgroups}`,
  ].filter((part) => typeof part === 'string')
  return `${style('bold', printable(machine.name))}  ${parts.map(printable).join(', ')}`
}

function readersBlock(readers: readonly ReaderReport[]): string {
  const on = readers.filter(({ state }) => state === 'on')
  const notHere = readers.filter((reader) => reader.notHere)
  const troubled = readers
    .filter(({ state, reason }) => state !== 'on' || reason !== undefined)
    .filter((reader) => !reader.notHere && !reader.notAsked)
    .map(({ name, state, reason, cure }) => {
      const mark = style(state === 'failed' ? 'red' : 'yellow', MARK[state])
      return `  ${name}: ${mark}${reason ? `, ${printable(reason)}` : ''}${cure ? ` (${printable(cure)})` : ''}`
    })
  return [
    `${style('bold', 'Readers')}  ${on.length} on`,
    ...names('', on),
    ...troubled,
    ...names('not on this machine: ', notHere),
  ].join('\n')
}

const MARK = { on: 'lacks', off: 'off', failed: 'failed' } as const

const names = (before: string, readers: readonly ReaderReport[]): string[] =>
  readers.length === 0
    ? []
    : wrap(before + readers.map(({ name }) => name).join(' '), LINE_WIDTH - 2).map((l) => `  ${l}`)

const more = (count: number) => (count > SHOWN ? [`  … and ${count - SHOWN} more`] : [])

function unreadLines({ unread }: Picture, kind: 'container' | 'runtime'): string[] {
  return unread
    .filter((each) => each.kind === kind && each.count > 0)
    .map(({ count, reason }) => `  ${style('yellow', `${count} not read`)}: ${printable(reason)}`)
}

function containersBlock(picture: Picture): string {
  const { containers } = picture
  const busiest = containers.toSorted(
    (a, b) => (b.memoryWorkingSetBytes ?? 0) - (a.memoryWorkingSetBytes ?? 0),
  )
  const rows = busiest
    .slice(0, SHOWN)
    .map((each) => [
      each.name,
      each.runtime ?? '–',
      cores(each.cpuUsedCores),
      limit(each.cpuLimitCores, cores),
      percent(each.throttledRatio),
      bytes(each.memoryWorkingSetBytes),
      limit(each.memoryLimitBytes, bytes),
      each.oomKills === undefined ? '–' : String(each.oomKills),
    ])
  const heading = [
    'name',
    'kind',
    'cores',
    'limit',
    'throttled',
    'working set',
    'limit',
    'OOM kills',
  ]
  return [
    `${style('bold', 'Containers')}  ${containers.length}`,
    ...(rows.length > 0 ? [table(heading, rows, [2, 3, 4, 5, 6, 7])] : []),
    ...more(containers.length),
    ...unreadLines(picture, 'container'),
  ].join('\n')
}

function runtimesBlock(picture: Picture): string {
  const { runtimes } = picture
  const rows = runtimes
    .slice(0, SHOWN)
    .map((each) => [
      String(each.pid),
      each.name,
      `${each.runtime} ${each.version ?? ''}`.trim(),
      each.collector ?? '–',
      bytes(each.heapMaxBytes),
      bytes(each.heapCommittedBytes),
      limit(each.memoryLimitBytes, bytes),
      each.container ?? '–',
    ])
  const heading = [
    'pid',
    'program',
    'runtime',
    'collector',
    'heap max',
    'committed',
    'limit',
    'container',
  ]
  return [
    `${style('bold', 'Runtimes')}  ${runtimes.length}`,
    ...(rows.length > 0 ? [table(heading, rows, [0, 4, 5, 6])] : []),
    ...more(runtimes.length),
    ...jvmCoverage(picture),
    ...unreadLines(picture, 'runtime'),
  ].join('\n')
}

/** Nothing where there are none. */
function jvmCoverage({ jvms }: Picture): string[] {
  const text = coverageText(jvms)
  return text === undefined ? [] : [`  ${text}`]
}

const SEVERITY: Record<FindingPicture['severity'], Style> = {
  critical: ['red', 'bold'],
  high: 'red',
  warning: 'yellow',
  info: 'cyan',
}

const evidenceLine = (label: string, { name, value, unit, source }: Evidence) =>
  `    ${label.padEnd(9)} ${printable(name)} ${style('bold', figure(value, unit))}  ${style('dim', printable(source))}`

/** The first one; docs/findings.md has all of them. */
const linkLine = ({ title, url }: Link) => `    ${'more'.padEnd(9)} ${url}  ${style('dim', title)}`

/** Evidence that is not said already as believed or enforced. */
const beside = ({ believed, enforced, evidence }: FindingPicture) =>
  evidence.filter(({ name }) => name !== believed?.name && name !== enforced?.name)

function findingsBlock({ findings, notJudged }: Picture): string {
  const lines = [`${style('bold', 'Findings')}  ${findings.length}`]
  for (const each of findings) {
    lines.push(
      `  ${style(SEVERITY[each.severity], each.severity)}  ${each.rule}  ${printable(each.name)}`,
      `    ${printable(each.summary)}`,
    )
    if (each.believed) lines.push(evidenceLine('believed', each.believed))
    if (each.enforced) lines.push(evidenceLine('enforced', each.enforced))
    for (const evidence of beside(each)) lines.push(evidenceLine('evidence', evidence))
    lines.push(`    ${'fix'.padEnd(9)} ${style('green', printable(each.fix))}`)
    lines.push(...each.links.slice(0, 1).map(linkLine))
    for (const { severity, rule, summary } of each.consequences)
      lines.push(`    ${'causes'.padEnd(9)} ${severity}  ${rule}  ${printable(summary)}`)
  }
  return [...lines, ...notJudgedLines(notJudged)].join('\n')
}

const ABOUT_RUNTIMES = Object.values(findingRules)
  .filter(({ entity }) => entity === 'runtime')
  .map(({ id }) => id)

/** Dozens of names tell nobody anything. */
const rulesText = (rules: readonly FindingRuleId[]): string =>
  ABOUT_RUNTIMES.every((id) => rules.includes(id))
    ? ['all rules about runtimes', ...rules.filter((id) => !isAboutRuntimes(id))].join(', ')
    : rules.join(', ')

const isAboutRuntimes = (id: FindingRuleId): boolean => ABOUT_RUNTIMES.some((each) => each === id)

/** Rules that cannot judge the same thing for the same reason are told at once. */
function notJudgedLines(notJudged: Picture['notJudged']): string[] {
  const alike = Map.groupBy(notJudged, ({ name, reason }) => JSON.stringify([name, reason]))
  return [...alike.values()].flatMap((all) => {
    const { name, reason } = all[0]!
    const text = `not judged: ${rulesText(all.map(({ rule }) => rule))} on ${printable(name)}: ${printable(reason)}`
    return wrap(text, LINE_WIDTH - 4).map((line, i) =>
      style('dim', `${i === 0 ? '  ' : '    '}${line}`),
    )
  })
}
