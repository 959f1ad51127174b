/**
 * The passes of one made-up machine as request bodies, as its agent would send them: the machine, what
 * runs on it, and once more what ended since the pass before. Times must not go back.
 */
import { container } from '../catalog/tables/container.ts'
import { machineAgentPass } from '../catalog/tables/machine-agent.ts'
import { machineCpu } from '../catalog/tables/machine-cpu.ts'
import { machine as machineTable } from '../catalog/tables/machine.ts'
import { runtime } from '../catalog/tables/runtime.ts'
import { PassEncoder } from '../wire/otlp-encode.ts'
import { emptyRow, type Ended, type Entity, type Row } from '../wire/sample.ts'
import { containerEntity, machineEntity, runtimeEntity } from './entities.ts'
import {
  containerFigures,
  cpuFigures,
  machineFigures,
  runtimeFigures,
  type Taken,
  taken,
} from './figures.ts'
import type { Boot, Fleet, Life, Machine } from './fleet.ts'
import { Form, resourceOf } from './form.ts'
import type { Shape, Workload } from './plan.ts'

export interface SimulatedPass {
  readonly body: Buffer
  /** Points in it. */
  readonly samples: number
  readonly bootId: string
}

/** A container with its runtime, as far as both are the same in each of its passes. */
interface Living {
  readonly life: Life
  readonly resource: Buffer
  readonly runtimeResource: Buffer | undefined
  readonly runtimeStartMs: number
}

const containerRow = new Float64Array(container.metrics.length)
const runtimeRow = new Float64Array(runtime.metrics.length)

let scratch = Buffer.alloc(1 << 18)
let scratchView = new DataView(scratch.buffer)

/** Forms of one fleet, made when the first entity of their kind is met. */
export class Forms {
  readonly #fleet: Fleet
  readonly version: string
  readonly #containers = new Map<Workload, Form>()
  readonly #runtimes = new Map<Workload, Form>()
  readonly #machines = new Map<Shape, Form>()

  constructor(fleet: Fleet, version: string) {
    this.#fleet = fleet
    this.version = version
  }

  container(machine: Machine, life: Life, timeMs: number): Form {
    return made(this.#containers, life.workload, () => {
      const entity = containerEntity(this.#fleet, machine, life)
      return new Form([rowOfContainer(entity, life, timeMs)], this.version)
    })
  }

  runtime(machine: Machine, life: Life, timeMs: number): Form {
    return made(this.#runtimes, life.workload, () => {
      const entity = runtimeEntity(this.#fleet, machine, life)!
      return new Form([rowOfRuntime(entity, life, timeMs)], this.version)
    })
  }

  machine(machine: Machine, boot: Boot, timeMs: number, used: Taken): Form {
    return made(this.#machines, machine.shape, () => {
      const entity = machineEntity(machine, boot, this.version)
      const row = emptyRow(machineTable, entity)
      machineFigures(machine, boot, timeMs, used, row.values)
      const cpus = Array.from({ length: this.cpusOf(machine) }, (_, cpu) => {
        const ofCpu = emptyRow(machineCpu, entity, [String(cpu)])
        cpuFigures(machine, boot, timeMs, cpu, ofCpu.values)
        return ofCpu
      })
      const pass = emptyRow(machineAgentPass, entity)
      pass.values[0] = timeMs / 1_000
      return new Form([row, ...cpus, pass], this.version)
    })
  }

  cpusOf({ shape }: Machine): number {
    return this.#fleet.plan.perCpu ? shape.cpus : 0
  }
}

function made<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key)
  if (value === undefined) known.set(key, (value = make()))
  return value
}

function rowOfContainer(entity: Entity, life: Life, timeMs: number): Row {
  const row = emptyRow(container, entity)
  containerFigures(life, timeMs, row.values)
  return row
}

function rowOfRuntime(entity: Entity, life: Life, timeMs: number): Row {
  const row = emptyRow(runtime, entity)
  runtimeFigures(life, timeMs, row.values)
  return row
}

export class Passes {
  readonly #fleet: Fleet
  readonly #forms: Forms
  readonly machine: Machine
  #boot: Boot | undefined
  #version = ''
  #resource: Buffer = Buffer.alloc(0)
  #living: (Living | undefined)[] = []
  readonly #row: Float64Array

  constructor(fleet: Fleet, forms: Forms, index: number) {
    this.#fleet = fleet
    this.#forms = forms
    this.machine = fleet.machine(index)
    const cpus = forms.cpusOf(this.machine) * machineCpu.metrics.length
    this.#row = new Float64Array(machineTable.metrics.length + cpus + 1)
  }

  /** Undefined while the machine is down. */
  at(timeMs: number): SimulatedPass | undefined {
    const { index, places } = this.machine
    const boot = this.#fleet.bootAt(index, timeMs)
    if (boot === undefined) return undefined
    if (boot.number !== this.#boot?.number) this.#living = []
    const version = this.#fleet.versionAt(index, timeMs)
    if (boot.number !== this.#boot?.number || version !== this.#version) {
      this.#resource = resourceOf(machineEntity(this.machine, boot, version))
    }
    this.#boot = boot
    this.#version = version
    const ended: Ended[] = []
    const used: Taken = { cores: 0, memoryBytes: 0 }
    let offset = 0
    let samples = 0
    for (let place = 0; place < places.length; place++) {
      const living = this.#update(place, boot, timeMs, ended)
      if (living === undefined) continue
      const { life } = living
      const { cores, memoryBytes } = taken(life, timeMs)
      used.cores += cores
      used.memoryBytes += memoryBytes
      containerFigures(life, timeMs, containerRow)
      const form = this.#forms.container(this.machine, life, timeMs)
      offset = write(form, offset, living.resource, life.startMs, timeMs, containerRow)
      samples += form.samples
      if (living.runtimeResource === undefined) continue
      runtimeFigures(life, timeMs, runtimeRow)
      const ofRuntime = this.#forms.runtime(this.machine, life, timeMs)
      const { runtimeResource, runtimeStartMs } = living
      offset = write(ofRuntime, offset, runtimeResource, runtimeStartMs, timeMs, runtimeRow)
      samples += ofRuntime.samples
    }
    const form = this.#forms.machine(this.machine, boot, timeMs, used)
    this.#fillMachine(boot, timeMs, used)
    offset = write(form, offset, this.#resource, boot.startMs, timeMs, this.#row)
    samples += form.samples
    const body = Buffer.from(scratch.subarray(0, offset))
    return { body: this.#withEnded(body, ended, timeMs), samples, bootId: boot.id }
  }

  /** An agent that was started anew knows of nothing that ended before. */
  forget(): void {
    this.#living = []
  }

  #update(place: number, boot: Boot, timeMs: number, ended: Ended[]): Living | undefined {
    const known = this.#living[place]
    if (known !== undefined && timeMs < known.life.endMs) return known
    if (known !== undefined) ended.push(...this.#end(known.life))
    const life = this.#fleet.lifeAt(this.machine.index, place, boot, timeMs)
    return (this.#living[place] = life && this.#begin(life))
  }

  #begin(life: Life): Living {
    const process = runtimeEntity(this.#fleet, this.machine, life)
    return {
      life,
      resource: resourceOf(containerEntity(this.#fleet, this.machine, life)),
      runtimeResource: process && resourceOf(process),
      runtimeStartMs: process?.startMs ?? 0,
    }
  }

  /** With what they had at their end. */
  #end(life: Life): Ended[] {
    const entity = containerEntity(this.#fleet, this.machine, life)
    const process = runtimeEntity(this.#fleet, this.machine, life)
    const timeMs = life.endMs - 1
    return [
      { entity, timeMs, rows: [rowOfContainer(entity, life, timeMs)] },
      ...(process === undefined
        ? []
        : [{ entity: process, timeMs, rows: [rowOfRuntime(process, life, timeMs)] }]),
    ]
  }

  #fillMachine(boot: Boot, timeMs: number, used: Taken): void {
    const { length } = machineTable.metrics
    machineFigures(this.machine, boot, timeMs, used, this.#row)
    for (let cpu = 0; cpu < this.#forms.cpusOf(this.machine); cpu++) {
      const from = length + cpu * machineCpu.metrics.length
      const row = this.#row.subarray(from, from + machineCpu.metrics.length)
      cpuFigures(this.machine, boot, timeMs, cpu, row)
    }
    // Of the agent itself, when it made this pass.
    this.#row[this.#row.length - 1] = timeMs / 1_000
  }

  /** Requests one after the other are a request. */
  #withEnded(body: Buffer, ended: readonly Ended[], timeMs: number): Buffer {
    if (ended.length === 0) return body
    const encoder = new PassEncoder({ version: this.#forms.version })
    return Buffer.concat([body, ...encoder.encode({ timeMs, rows: [], ended })])
  }
}

function write(
  form: Form,
  offset: number,
  resource: Buffer,
  startMs: number,
  timeMs: number,
  values: Float64Array,
): number {
  const need = offset + form.size(resource)
  if (need > scratch.length) {
    const grown = Buffer.alloc(2 * need)
    scratch.copy(grown, 0, 0, offset)
    scratch = grown
    scratchView = new DataView(scratch.buffer)
  }
  return form.write(scratch, scratchView, offset, resource, startMs, timeMs, values)
}
