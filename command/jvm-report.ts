/** One JVM as a page of text: what it is, what it measures, its flags and how it came by them. */
import { styleText } from 'node:util'
import { bytes, count, figure } from '../dashboards/console/units.js'
import { jvmFlags } from '../catalog/jvm-flag.ts'
import { runtime } from '../catalog/tables/runtime.ts'
import type { OneJvm } from './one-jvm.ts'
import { printable } from './table.ts'

const heading = (text: string) => styleText('bold', text, { stream: process.stdout })

/** Told in a block of its own, or the same for every JVM, or said twice. */
const APART: ReadonlySet<string> = new Set([
  'candor.jvm.flags.final',
  'candor.jvm.capabilities',
  'candor.jvm.flags',
  'process.runtime.name',
  'candor.runtime.name',
])
/** A JVM is one process. */
const LEFT_OUT: ReadonlySet<string> = new Set(['workers'])

/** `candor.jvm.counters.filesystem` → `counters filesystem`. */
const factName = (attribute: string): string =>
  attribute.replace(/^(?:candor\.runtime|candor\.jvm|process\.runtime)\./, '').replaceAll('.', ' ')

/** `heap_max_bytes` → `heap max`: the unit stands beside the figure. */
const figureName = (column: string): string =>
  column.replace(/_(?:bytes|seconds)$/, '').replaceAll('_', ' ')

/** Of what is counted the name says what it is; of a short time its parts count. */
function measuredAs(value: number, unit: string): string {
  if (unit === 's' && value < 60) return `${Number(value.toFixed(2))} s`
  return unit.startsWith('{') && unit !== '{cpu}' ? count(value) : figure(value, unit)
}

/** Flags that hold a number of bytes. */
const SIZES: ReadonlySet<string> = new Set<(typeof jvmFlags)[number]>([
  'MaxHeapSize',
  'InitialHeapSize',
  'SoftMaxHeapSize',
  'MaxRAM',
  'NewSize',
  'MaxNewSize',
  'G1HeapRegionSize',
  'MaxMetaspaceSize',
  'CompressedClassSpaceSize',
  'MaxDirectMemorySize',
  'ReservedCodeCacheSize',
])

/** The largest number that HotSpot has, or one less, is how it says that there is no bound. */
const UNBOUND = /^(?:1844674407370955161[45]|922337203685477580[67])$/

function flagText(name: string, value: string): string {
  if (UNBOUND.test(value)) return 'unlimited'
  return SIZES.has(name) && Number(value) >= 1024 ? `${value} (${bytes(Number(value))})` : value
}

export function describeJvm(jvm: OneJvm): string {
  const { facts = {}, figures = {} } = jvm
  const lines = (text: string | undefined) => (text === undefined ? [] : text.split('\n'))
  const said = Object.entries(facts)
    .filter(([name, value]) => value !== undefined && value !== '' && !APART.has(name))
    .map(([name, value]) => [factName(name), value!] as const)
  const measured = runtime.metrics.flatMap(({ column, unit }) => {
    const value = figures[column]
    return value === undefined || LEFT_OUT.has(column)
      ? []
      : [[figureName(column), measuredAs(value, unit)] as const]
  })
  const collectors = (jvm.collectors ?? []).map(
    ({ name, figures: { collections, seconds } }) =>
      [
        name,
        `${collections ?? '–'} collections, ${seconds === undefined ? '–' : measuredAs(seconds, 's')}`,
      ] as const,
  )
  const final = lines(facts['candor.jvm.flags.final']).map((line) => {
    const [, name = line, value = '', origin = ''] = /^(\w+)=(.*) (\S+)$/.exec(line) ?? []
    return [name, flagText(name, value), origin] as const
  })
  const capabilities = facts['candor.jvm.capabilities']
  return [
    block(`JVM ${jvm.pid}`, pairs([['started', new Date(jvm.startMs).toISOString()], ...said])),
    block('Figures', pairs(measured)),
    block('Collectors', pairs(collectors)),
    block('Arguments', lines(facts['candor.jvm.flags']?.replaceAll(' ', '\n'))),
    block(
      'Flags that were set, by whom',
      pairs(set(final).map(([name, value, origin]) => [name, `${value}  ${origin}`])),
    ),
    block('Flags at their default', pairs(unset(final).map(([name, value]) => [name, value]))),
    final.length === 0 ? '' : LIST_OF_FLAGS,
    block(
      'What its build can do',
      capabilities === '' ? ['nothing of the list'] : lines(capabilities),
    ),
    ...(jvm.unread === undefined ? [] : [`${heading('Not read')}  ${printable(jvm.unread)}`]),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

const LIST_OF_FLAGS = `Of its flags the ${jvmFlags.length} that decide about memory, collector, CPUs and counters are read, as far as\nits version has them. --attach --command=VM.flags tells of all that are set.`

type Final = readonly (readonly [string, string, string])[]
const set = (final: Final) => final.filter(([, , origin]) => origin !== 'default')
const unset = (final: Final) => final.filter(([, , origin]) => origin === 'default')

export const describeAnswer = (command: string, answer: string): string =>
  block(`Asked: ${command}`, answer.split('\n'))

function block(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return [heading(title), ...lines.map((line) => `  ${printable(line)}`)].join('\n')
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries.flatMap(([name, value]) =>
    value.split('\n').map((line, i) => `${(i === 0 ? name : '').padEnd(width)}  ${line}`),
  )
}
