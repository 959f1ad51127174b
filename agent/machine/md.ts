/**
 * Software RAID.
 *
 * Source: /proc/mdstat, drivers/md/md.c md_seq_show; Documentation/admin-guide/md.rst
 *           md1 : active raid5 sdd1[4](S) sdc1[3] sdb1[1](F) sda1[0]
 *                 1953260544 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [U_U]
 *                 [=>....]  recovery =  8.5% (83105792/976630272) finish=75.6min speed=196760K/sec
 * Units:  blocks of 1 KiB.
 */
import { machineMd, MD_STATES, type MdState } from '../../catalog/tables/machine-md.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { type MachineReader, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const column = (name: string): number => columnOf(machineMd, name)
const [BLOCKS, SYNCED, REQUIRED, ACTIVE, FAILED, SPARE] = [
  'blocks',
  'blocks_synced',
  'disks_required',
  'disks_active',
  'disks_failed',
  'disks_spare',
].map(column) as [number, number, number, number, number, number]

const ARRAY = /^(\S+) : (active|inactive|broken)\b(.*)$/
const STATUS = /^\s+(\d{1,20}) blocks/
const DISKS = /\[(\d{1,9})\/(\d{1,9})\] \[[U_]+\]/
const UNDER_WAY =
  /\b(recovery|resync|check)\s*=\s*(?:[\d.]+% \((\d{1,20})\/\d+\)|PENDING|DELAYED|REMOTE)/
const NOT_AN_ARRAY = /^(?:Personalities|unused|read_ahead)\b|^\s*$/

const STATE_OF: Readonly<Record<string, MdState>> = {
  recovery: 'recovering',
  resync: 'resync',
  check: 'check',
}

const count = (text: string, what: string): number => text.split(what).length - 1

export function parseMdstat(text: string, rows: KeptRows): void {
  let values: Float64Array | undefined
  for (const line of text.split('\n')) {
    if (NOT_AN_ARRAY.test(line)) values = undefined
    else if (/^\s/.test(line)) {
      if (values !== undefined) parseDetail(line, values)
    } else values = parseArray(line, rows)
  }
}

function parseArray(line: string, rows: KeptRows): Float64Array {
  const [, name, state, rest] = ARRAY.exec(line) ?? []
  if (name === undefined) throw new MalformedFile('mdadm', line, '`md0 : active raid1 …`')
  const values = rowOf(rows, name)
  values[FAILED] = count(rest!, '(F)')
  values[SPARE] = count(rest!, '(S)')
  setState(values, state === 'active' ? 'active' : 'inactive')
  if (state !== 'active') {
    values[ACTIVE] = 0
    values[REQUIRED] = 0
  } else if (/\b(?:raid0|linear)\b/.test(rest!)) {
    // They have no spare part: each disk that is listed must work.
    values[ACTIVE] = count(rest!, '[')
    values[REQUIRED] = values[ACTIVE]
  }
  return values
}

function parseDetail(line: string, values: Float64Array): void {
  const blocks = STATUS.exec(line)?.[1]
  if (blocks !== undefined) {
    values[BLOCKS] = Number(blocks)
    values[SYNCED] = Number(blocks)
    const [, required, active] = DISKS.exec(line) ?? []
    if (active === undefined) return
    values[REQUIRED] = Number(required)
    values[ACTIVE] = Number(active)
    return
  }
  const [, action, done] = UNDER_WAY.exec(line) ?? []
  if (action === undefined) return
  values[SYNCED] = Number(done ?? 0)
  setState(values, STATE_OF[action]!)
}

function setState(values: Float64Array, now: MdState): void {
  for (const state of MD_STATES) values[STATES[state]] = state === now ? 1 : 0
}

const STATES = Object.fromEntries(
  MD_STATES.map((state) => [state, column(`state_${state}`)]),
) as Readonly<Record<MdState, number>>

export const md: MachineReader = {
  name: 'mdadm',
  help: 'Software RAID: /proc/mdstat.',
  open: ({ files, machine }) => {
    const file = files.proc('mdstat')
    const rows = new KeptRows(machineMd, machine)
    const retry = retrying(files, file)
    return (timeMs) => {
      retry(timeMs)
      const end = files.readAll(file)
      if (end < 0) {
        return {
          reason: 'no /proc/mdstat',
          cure: 'nothing to do: the module md is not loaded',
          notHere: true,
        }
      }
      rows.begin()
      parseMdstat(files.bytes.toString('utf8', 0, end), rows)
      return rowsOnly(rows.finish())
    }
  },
}
