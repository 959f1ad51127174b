/**
 * A fleet that is not there: which machines and containers exist at a time. Pure: the same seed gives
 * the same fleet, and any moment of it can be asked for without those before.
 *
 * A machine restarts at most once a day, at a moment of its own; a container lives in a place, under
 * one name, and each life ends before the next one in that place begins. Where a machine restarts in
 * the midst of a life, that life goes on as another one, with an id of its own.
 *
 * Interface: `new Fleet(options)`, then `machine`, `bootAt`, `versionAt` and `lifeAt`; figures.ts says
 * what each measures, entities.ts what each is called.
 */
import { chance, hex, uniqueHex, word } from './chance.ts'
import {
  DAY_MS,
  HOUR_MS,
  LEMON_PART,
  LEMON_SHARE,
  MINUTE_MS,
  type Plan,
  type Shape,
  type Workload,
} from './plan.ts'

export interface FleetOptions {
  readonly seed: number
  readonly plan: Plan
  /** Before this nothing is asked for; machines and containers are older, as in any fleet. */
  readonly epochMs: number
}

export interface Machine {
  readonly index: number
  readonly shape: Shape
  readonly hostId: string
  readonly name: string
  /** What runs in each place. */
  readonly places: readonly Workload[]
}

/** From one start of a machine to the next. */
export interface Boot {
  readonly number: number
  readonly id: string
  readonly startMs: number
}

/** One container from its start to its end. */
export interface Life {
  readonly place: number
  readonly workload: Workload
  /** Differs from those of all others on the machine, at any time. */
  readonly key: string
  /** 64 hex digits. */
  readonly containerId: string
  readonly startMs: number
  /** Unless the machine goes down before. */
  readonly endMs: number
}

/** What chance is asked about: no two of these are ever the same question. */
const ABOUT = {
  shape: 1,
  hostId: 2,
  boot: 3,
  firstBoot: 4,
  down: 5,
  lemon: 6,
  life: 7,
  phase: 8,
  length: 9,
  pause: 10,
  containerId: 11,
  rollout: 12,
  bootDelay: 13,
} as const

/** A machine that restarts is away so long at most; each life is far longer. */
const DOWN_MS = 10 * MINUTE_MS
/** Containers of a machine that came back are all there after this. */
const START_MS = MINUTE_MS
const OLDEST_BOOT_MS = 60 * DAY_MS
/** Of the length of a life, how far its bounds may move. */
const JITTER = 0.4

export class Fleet {
  readonly seed: number
  readonly plan: Plan
  readonly epochMs: number
  readonly #machines: Machine[] = []
  readonly #weight: number

  constructor({ seed, plan, epochMs }: FleetOptions) {
    this.seed = seed
    this.plan = plan
    this.epochMs = epochMs
    this.#weight = plan.shapes.reduce((sum, { weight }) => sum + weight, 0)
  }

  machine(index: number): Machine {
    return (this.#machines[index] ??= this.#make(index))
  }

  #make(index: number): Machine {
    const shape = this.#shapeOf(index)
    return {
      index,
      shape,
      hostId: uniqueHex(this.seed, index) + hex(24, this.seed, ABOUT.hostId, index),
      name: `sim-${shape.name}-${String(index).padStart(5, '0')}`,
      places: shape.holds.flatMap(({ workload, count }) =>
        Array.from({ length: count }, () => workload),
      ),
    }
  }

  /** The first machines are one of each shape, so that a small fleet has all of them. */
  #shapeOf(index: number): Shape {
    const { shapes } = this.plan
    if (index < shapes.length) return shapes[index]!
    let rest = this.#weight * chance(this.seed, ABOUT.shape, index)
    return shapes.find(({ weight }) => (rest -= weight) < 0) ?? shapes.at(-1)!
  }

  /** Undefined while the machine is down. */
  bootAt(index: number, timeMs: number): Boot | undefined {
    for (let day = this.#day(timeMs); day >= 0; day--) {
      const downMs = this.#downMs(index, day)
      if (downMs === undefined || downMs > timeMs) continue
      const startMs = this.#upMs(index, day, downMs)
      return startMs > timeMs ? undefined : this.#boot(index, day + 1, startMs)
    }
    const age = HOUR_MS + (OLDEST_BOOT_MS - HOUR_MS) * chance(this.seed, ABOUT.firstBoot, index)
    return this.#boot(index, 0, Math.floor(this.epochMs - age))
  }

  #boot(index: number, number: number, startMs: number): Boot {
    const digits = hex(32, this.seed, ABOUT.boot, index, number)
    const id = [0, 8, 12, 16, 20].map((at, i) => digits.slice(at, [8, 12, 16, 20, 32][i])).join('-')
    return { number, id, startMs }
  }

  #day(timeMs: number): number {
    return Math.floor((timeMs - this.epochMs) / DAY_MS)
  }

  /** When it goes down on a day; undefined where it does not. */
  #downMs(index: number, day: number): number | undefined {
    const isLemon = chance(this.seed, ABOUT.lemon, index) < LEMON_SHARE
    const part = isLemon ? LEMON_PART / LEMON_SHARE : (1 - LEMON_PART) / (1 - LEMON_SHARE)
    const draw = chance(this.seed, ABOUT.boot, index, -1 - day)
    if (draw >= this.plan.restartsPerDay * part) return undefined
    const within = chance(this.seed, ABOUT.down, index, day)
    return Math.floor(this.epochMs + day * DAY_MS + within * (DAY_MS - DOWN_MS))
  }

  #upMs(index: number, day: number, downMs: number): number {
    return Math.floor(downMs + DOWN_MS * (0.1 + 0.9 * chance(this.seed, ABOUT.down, index, ~day)))
  }

  /** Of the agent. */
  versionAt(index: number, timeMs: number): string {
    const { releaseMs, rolloutMs } = this.plan
    const delay = rolloutMs * chance(this.seed, ABOUT.rollout, index)
    const release = Math.floor((timeMs - this.epochMs - delay) / releaseMs)
    return `0.1.${Math.max(0, release + 1)}`
  }

  /** What lives in a place; undefined between two lives. */
  lifeAt(index: number, place: number, boot: Boot, timeMs: number): Life | undefined {
    const workload = this.machine(index).places[place]!
    const at = index * PLACES + place
    const term = workload.lifeMs * (0.7 + 0.6 * chance(this.seed, ABOUT.length, at))
    let number = Math.floor((timeMs - this.epochMs) / term)
    if (this.#bound(at, number, term) > timeMs) number -= 1
    const pause = workload.pauseMs * (0.2 + 0.8 * chance(this.seed, ABOUT.pause, at, number))
    const bootDelay = START_MS * chance(this.seed, ABOUT.bootDelay, at, boot.number)
    const startMs = Math.max(this.#bound(at, number, term), Math.floor(boot.startMs + bootDelay))
    const endMs = Math.floor(this.#bound(at, number + 1, term) - pause)
    if (timeMs < startMs || timeMs >= endMs) return undefined
    const key = `${place}/${number}/${boot.number}`
    return { place, workload, key, containerId: this.#id(at, number, boot), startMs, endMs }
  }

  #id(at: number, number: number, boot: Boot): string {
    return (
      uniqueHex(this.seed, at) +
      uniqueHex(this.seed, number) +
      uniqueHex(this.seed, boot.number) +
      hex(40, this.seed, ABOUT.containerId, at, word(number, boot.number))
    )
  }

  /** Where one life in a place may begin and the one before must have ended: within the term `number`. */
  #bound(at: number, number: number, term: number): number {
    const phase = chance(this.seed, ABOUT.phase, at)
    const jitter = JITTER * (chance(this.seed, ABOUT.life, at, number) - 0.5)
    return Math.floor(this.epochMs + (number + phase * (1 - JITTER) + JITTER / 2 + jitter) * term)
  }
}

/** Most places of a machine. */
export const PLACES = 1_000
