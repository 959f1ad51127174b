/**
 * /proc/stat as two readers tell of it: `cpu` the times of the CPUs and `stat` the rest, as in
 * node_exporter. It is read once a pass for both: the kernel adds up all interrupts to write it.
 */
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machineSoftirqVectors } from '../../catalog/tables/machine-interrupts.ts'
import { machine as machineTable } from '../../catalog/tables/machine.ts'
import type { Row } from '../../wire/sample.ts'
import type { KernelFile, KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { KeyedRows } from '../read/keyed-rows.ts'
import type { MachineContext } from './reader.ts'
import { parseSoftirqLine, parseStat } from './stat-lines.ts'

export const VECTORS_FLAG = 'collector.stat.softirq'

export class StatFile {
  readonly #files: KernelFiles
  readonly #file: KernelFile
  readonly #cpus: KeyedRows
  readonly #vectors: KeptRows | undefined
  /** Who has had what was read last: who comes again wants a new reading. */
  readonly #takers = new Set<string>()
  /** Of the machine's row; only those of this file are present. */
  readonly values = new Float64Array(machineTable.metrics.length)
  /** A row a CPU. */
  cpus: readonly Row[] = []
  /** A row a kind of softirq, where they are asked for. */
  vectors: readonly Row[] = []

  constructor({ files, machine, settings }: MachineContext) {
    this.#files = files
    this.#file = files.proc('stat')
    this.#cpus = new KeyedRows(machineCpu, machine)
    if (settings[VECTORS_FLAG] === true) {
      this.#vectors = new KeptRows(machineSoftirqVectors, machine)
    }
  }

  /** False where there is no such file. */
  read(taker: string): boolean {
    if (this.#takers.size > 0 && !this.#takers.has(taker)) {
      this.#takers.add(taker)
      return true
    }
    this.#takers.clear()
    const end = this.#files.read(this.#file)
    if (end < 0) return false
    const { bytes } = this.#files
    this.values.fill(Number.NaN)
    parseStat(bytes, end, this.values, this.#cpus)
    this.cpus = this.#cpus.finish()
    if (this.#vectors !== undefined) {
      this.#vectors.begin()
      parseSoftirqLine(bytes, end, this.#vectors)
      this.vectors = this.#vectors.finish()
    }
    this.#takers.add(taker)
    return true
  }
}

const shared = new WeakMap<MachineContext, StatFile>()

/** The one of the readers that were opened together. */
export function statFile(context: MachineContext): StatFile {
  const known = shared.get(context) ?? new StatFile(context)
  shared.set(context, known)
  return known
}
