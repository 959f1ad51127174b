/** One JVM as a page of text: what it is, what it measures, its flags and how it came by them. */
import { styleText } from 'node:util'
import { figure } from '../dashboards/console/units.js'
import { runtime } from '../catalog/tables/runtime.ts'
import type { OneJvm } from './one-jvm.ts'
import { printable } from './table.ts'

const heading = (text: string) => styleText('bold', text, { stream: process.stdout })

/** Told in a block of its own, or no word for people. */
const APART = new Set(['candor.jvm.flags.final', 'candor.jvm.capabilities', 'candor.jvm.flags'])

export function describeJvm(jvm: OneJvm): string {
  const { facts = {}, figures = {} } = jvm
  const lines = (text: string | undefined) => (text === undefined ? [] : text.split('\n'))
  const said = Object.entries(facts)
    .filter(([name, value]) => value !== undefined && value !== '' && !APART.has(name))
    .map(([name, value]) => [name, value!] as const)
  const measured = runtime.metrics.flatMap(({ column, unit }) => {
    const value = figures[column]
    return value === undefined ? [] : [[column, figure(value, unit)] as const]
  })
  const collectors = (jvm.collectors ?? []).map(
    ({ name, figures: { collections, seconds } }) =>
      [
        name,
        `${collections ?? '–'} collections, ${seconds === undefined ? '–' : figure(seconds, 's')}`,
      ] as const,
  )
  const final = lines(facts['candor.jvm.flags.final']).map((line) => {
    const [, name = line, value = '', origin = ''] = /^(\w+)=(.*) (\S+)$/.exec(line) ?? []
    return [name, value, origin] as const
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
    block(
      'What its build can do',
      capabilities === '' ? ['nothing of the list'] : lines(capabilities),
    ),
    ...(jvm.unread === undefined ? [] : [`${heading('Not read')}  ${printable(jvm.unread)}`]),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

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
