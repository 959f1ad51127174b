/**
 * Swap devices and files.
 *
 * Source: /proc/swaps `/dev/sda2 partition 4194300 1024 -2`: name, type, size, used, priority
 * Units:  KiB; rows hold bytes.
 */
import { machineSwap } from '../../catalog/tables/machine-swap.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, signedOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

export interface Swap {
  /** As the kernel writes it: a blank stands as `\040`. */
  readonly device: string
  readonly type: string
  readonly sizeBytes: number
  readonly usedBytes: number
  readonly priority: number
}

const KIB = 1024

export function parseSwaps(text: string): Swap[] {
  const [heading, ...lines] = linesOf(text)
  if (heading?.startsWith('Filename') !== true) {
    throw new MalformedFile('swaps', heading ?? '', '`Filename Type Size Used Priority`')
  }
  return lines.map((line) => {
    const [device = '', type = '', size, used, priority] = wordsOf(line)
    const swap = {
      device,
      type,
      sizeBytes: unsignedOf(size) * KIB,
      usedBytes: unsignedOf(used) * KIB,
      priority: signedOf(priority),
    }
    if (Number.isNaN(swap.sizeBytes + swap.usedBytes + swap.priority)) {
      throw new MalformedFile('swaps', line, 'name, type, size, used, priority')
    }
    return swap
  })
}

function swaps({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineSwap, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/swaps`)
    if (text === undefined) return noFile('swaps')
    rows.begin()
    for (const { device, type, sizeBytes, usedBytes, priority } of parseSwaps(text)) {
      rowOf(rows, device, type).set([sizeBytes, usedBytes, priority])
    }
    return rowsOnly(rows.finish())
  }
}

export const swap: MachineReader = {
  name: 'swap',
  help: 'Swap devices and files: /proc/swaps.',
  offByDefault: true,
  open: swaps,
}
