/**
 * To be forked, as whichever user and under whichever limits the test has for it: follows the cgroups
 * of the v2 machine below a folder, and tells of each pass that it is asked for.
 */
import { openSync, closeSync } from 'node:fs'
import pino from 'pino'
import { READERS, Sampler } from '../../../agent/pass.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { machineFinished } from '../../../catalog/tables/machine-finished.ts'
import type { Row } from '../../../wire/sample.ts'

/** What is told of a pass. */
export interface Followed {
  readonly state: string
  /** Paths of the cgroups that have a row. */
  readonly paths: readonly string[]
  /** The path of the cgroup and the name of the interface. */
  readonly networks: readonly string[]
  /** Cgroups that were not read, by reason. */
  readonly unread: Readonly<Record<string, number>>
  readonly finished: number
  readonly warnings: readonly string[]
}

export type Asked = { readonly passMs: number } | 'take all descriptors' | 'give them back'

const [root = ''] = process.argv.slice(2)
const warnings: string[] = []
const taken: number[] = []
const sampler = new Sampler({
  procfs: `${root}/proc`,
  sysfs: `${root}/sys`,
  readers: Object.fromEntries(READERS.map(({ name }) => [name, name === 'cgroup'])),
  log: pino({ base: null }, { write: (line: string) => warnings.push(line) }),
  agentVersion: 'test',
  onChange: () => {},
})

function pass(timeMs: number): Followed {
  const { readers, rows, unread } = sampler.pass(timeMs)
  const { state } = readers.find(({ name }) => name === 'cgroup')!
  const isOf = (table: string) => (row: Row) => row.table.name === table
  const finished = rows.filter(isOf('machine_finished'))
  const at = columnOf(machineFinished, 'containers')
  return {
    state,
    paths: rows
      .filter(isOf('container'))
      .map(({ entity }) => entity.attributes['candor.cgroup.path']!)
      .toSorted(),
    networks: rows
      .filter(isOf('container_network'))
      .map(({ entity, keys }) => `${entity.attributes['candor.cgroup.path']} ${keys[0]}`),
    unread: Object.fromEntries(unread.map(({ reason, count }) => [reason, count])),
    finished: finished.reduce((sum, { values }) => sum + values[at]!, 0),
    warnings,
  }
}

function takeAllDescriptors(): void {
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'))
    } catch {
      return
    }
  }
}

const tell = (answer: Followed | 'done' | 'ready') => process.send!(answer, undefined)

process.on('message', (asked: Asked) => {
  if (asked === 'take all descriptors') takeAllDescriptors()
  else if (asked === 'give them back') for (const each of taken.splice(0)) closeSync(each)
  tell(typeof asked === 'string' ? 'done' : pass(asked.passMs))
})
process.on('disconnect', () => process.exit(0))
tell('ready')
