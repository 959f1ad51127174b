/**
 * Made-up machines in a process of their own, so that what they cost is not the receiver's. It does what
 * it is told, one order at a time, and answers each.
 */
import { cell } from '../../../demo/plans/cell.ts'
import { Fleet } from '../../../demo/fleet.ts'
import { Simulation } from '../../../demo/simulation.ts'
import { silentLog } from '../../../settings/log.ts'

export interface FleetSettings {
  readonly url: string
  readonly seed: number
  readonly intervalMs: number
}

export type Order =
  | { readonly do: 'resize'; readonly machines: number }
  /** What happened since the last such order. */
  | { readonly do: 'tell' }
  /** All agents at once; answers when all have caught up, or after `withinMs`. */
  | { readonly do: 'restart'; readonly withinMs: number }
  | { readonly do: 'stop' }

export interface Told {
  readonly seconds: number
  /** Of the answers that said stored. */
  readonly answers: number
  readonly answerMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Answers that said anything else, by status; 0 is none at all. */
  readonly refused: Readonly<Record<string, number>>
  /** Points of the passes that were made. */
  readonly samples: number
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** Longest that a pass began after its time. */
  readonly lateMs: number
}
export interface Recovered {
  /** NaN where that took too long. */
  readonly seconds: number
}

/** Once at the start of its own clock, so that a machine is as old in each run. */
const EPOCH_MS = Date.UTC(2025, 0, 1)

/** Some passes of a machine: what 10,000 of them keep while nobody answers is all in this process. */
const QUEUE_BYTES = 256 << 10

const { url, seed, intervalMs } = JSON.parse(process.argv[2]!) as FleetSettings
const simulation = new Simulation({
  fleet: new Fleet({ seed, plan: cell, epochMs: EPOCH_MS }),
  url,
  intervalMs,
  version: '0.1.0',
  queueBytes: QUEUE_BYTES,
  log: silentLog(),
})

let answerMs: number[] = []
let refused: Record<string, number> = {}
let sinceMs = performance.now()
let cpuSince = process.cpuUsage()
let samplesSince = 0

simulation.onAnswer = ({ status, ms }) => {
  if (status >= 200 && status < 300) answerMs.push(ms)
  else refused[status] = (refused[status] ?? 0) + 1
}

function tell(): Told {
  const sorted = answerMs.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  const { user, system } = process.cpuUsage(cpuSince)
  const told = {
    seconds: (performance.now() - sinceMs) / 1_000,
    answers: sorted.length,
    answerMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    refused,
    samples: simulation.samples - samplesSince,
    cpuSeconds: (user + system) / 1e6,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    lateMs: simulation.lateMs,
  }
  answerMs = []
  refused = {}
  sinceMs = performance.now()
  cpuSince = process.cpuUsage()
  samplesSince = simulation.samples
  simulation.lateMs = 0
  return told
}

/** Caught up: of no agent more than its newest pass waits to be stored. */
async function restart(withinMs: number): Promise<Recovered> {
  const fromMs = performance.now()
  simulation.restart()
  while (performance.now() - fromMs < withinMs) {
    await new Promise((done) => setTimeout(done, 50))
    if (simulation.behind(intervalMs) === 0) {
      return { seconds: (performance.now() - fromMs) / 1_000 }
    }
  }
  return { seconds: Number.NaN }
}

async function obey(order: Order): Promise<Told | Recovered | 'done'> {
  switch (order.do) {
    case 'resize':
      simulation.resize(order.machines)
      return 'done'
    case 'tell':
      return tell()
    case 'restart':
      return restart(order.withinMs)
    case 'stop':
      await simulation.stop(0)
      return 'done'
  }
}

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send!(answer))
})
process.send!('ready')
