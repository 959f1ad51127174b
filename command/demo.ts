/**
 * `candor demo`: what `candor` does, and beside it a small cell of machines that are made up, in which
 * there is something to find. They ship as real ones do, and what they tell has the attribute
 * `candor.simulated`; their last hour is told first, so that there is a past to look at.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectorFlags } from '../collector/flags.ts'
import { Fleet } from '../demo/fleet.ts'
import { showcase } from '../demo/plans/showcase.ts'
import { Simulation } from '../demo/simulation.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { silentLog } from '../settings/log.ts'
import { UsageError } from '../settings/usage-error.ts'
import { VERSION } from '../settings/version.ts'
import { type Beside, type House, together, togetherFlags } from './together.ts'

const {
  'store.url': _storeUrl,
  'store.cluster': _storeCluster,
  'store.username': _storeUsername,
  'store.password-file': _storePasswordFile,
  ...others
} = togetherFlags

export const demoFlags = {
  ...others,
  'store.path': { ...collectorFlags['store.path'], default: 'demo-data' },
  'evaluation.interval': { ...collectorFlags['evaluation.interval'], default: '5s' },
  'demo.machines': {
    type: 'string',
    default: '24',
    value: 'NUMBER',
    help: 'How many machines are made up.',
  },
} as const satisfies FlagTable

const INTERVAL_MS = 30_000
/** Rules about machines want an hour. */
const PAST_MS = 65 * 60_000
/** Passes of one machine in a request. */
const TOGETHER = 20
const MACHINES_MAX = 1_000
/** The same cell in each run: what was told of a time is told of it again. */
const SEED = 1
const EPOCH_MS = Date.UTC(2026, 0, 1)

/** One of them burns. */
const SLOS = [
  new URL('../demo/search-cpu.yaml', import.meta.url),
  new URL('../alerts/slo/container-throttling.yaml', import.meta.url),
  new URL('../alerts/slo/machine-memory.yaml', import.meta.url),
].map((url) => fileURLToPath(url))

export async function demo(settings: Settings<typeof demoFlags>): Promise<number> {
  const machines = machinesOf(settings['demo.machines'])
  claim(settings['store.path'])
  return together(
    {
      ...settings,
      'slo.file': settings['slo.file'].length > 0 ? settings['slo.file'] : SLOS,
      'store.url': undefined,
      'store.cluster': undefined,
      'store.username': undefined,
      'store.password-file': undefined,
    },
    (house) => simulate(house, machines),
  )
}

/** Of what cannot be sent the agent beside it tells as well, once. */
function simulate({ url, credentials }: House, machines: number): Beside {
  const simulation = new Simulation({
    fleet: new Fleet({ seed: SEED, plan: showcase, epochMs: EPOCH_MS }),
    url,
    credentials,
    intervalMs: INTERVAL_MS,
    version: VERSION,
    log: silentLog(),
  })
  const toMs = Date.now()
  const past = { machines, fromMs: toMs - PAST_MS, toMs, together: TOGETHER }
  const ready = simulation.backfill(past).then(() => simulation.resize(machines))
  return {
    ready,
    lines: [
      `cell     ${machines} machines, sim-…: made up, attribute candor.simulated=true; findings in half a minute`,
    ],
    stop: () => simulation.stop(),
  }
}

function machinesOf(text: string): number {
  const machines = Number(text)
  if (Number.isInteger(machines) && machines >= 1 && machines <= MACHINES_MAX) return machines
  throw new UsageError('ERR_BAD_FLAG', [
    `--demo.machines: expected a number from 1 to ${MACHINES_MAX}, found ${JSON.stringify(text)}`,
  ])
}

const MARK = 'simulated'

/** What is made up never gets into a store that is someone's: there is a mark in those of the demo. */
function claim(path: string): void {
  mkdirSync(path, { recursive: true })
  const found = readdirSync(path)
  if (found.length > 0 && !found.includes(MARK)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--store.path: ${path} is not of the demo, whose machines are made up; name a directory that is new or empty`,
    ])
  }
  writeFileSync(join(path, MARK), 'Machines in this store named sim-… are made up: candor demo.\n')
}
