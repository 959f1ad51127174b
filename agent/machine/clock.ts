/**
 * Whether the wall clock was set while the agent ran, and whether a server sets it.
 *
 * From pass to pass the wall clock must advance as the clocks do that nobody sets. There are two of
 * them, each blind in one way: CLOCK_MONOTONIC of this process stands still while the machine sleeps,
 * and /proc/uptime is given in hundredths of a second. The wall clock was set when it left both, and
 * /proc/uptime says by how much. Adjustments that are slewed go into all three.
 *
 * Source: clock_gettime(2), proc_uptime(5); systemd-timesyncd.service(8) touches its file with each
 *         time that it takes from a server
 */
import { machineClock } from '../../catalog/tables/machine-time.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { Scan } from '../read/scan.ts'
import { onRoot } from './attribute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

/** Far above what reading three clocks one after the other may cost, and what slewing does. */
const STEP_SECONDS = 0.25
/** When this process was held up between the clocks, they say nothing. */
const HELD_UP_SECONDS = 0.05

const [STEPS, LAST, SYNCHRONIZED] = ['steps', 'last_step', 'synchronized_time'].map((column) =>
  columnOf(machineClock, column),
)
const SYNCHRONIZED_FILE = '/run/systemd/timesync/synchronized'

/** The three clocks at one moment, in seconds. */
export interface Clocks {
  readonly wall: number
  readonly monotonic: number
  /** NaN where /proc/uptime cannot be read. */
  readonly uptime: number
}

/** By how much the wall clock was set between two moments; 0 when it was not. */
export function stepBetween(before: Clocks, now: Clocks): number {
  const wall = now.wall - before.wall
  const step = wall - (now.monotonic - before.monotonic)
  const awake = wall - (now.uptime - before.uptime)
  if (Number.isNaN(awake)) return 0
  return Math.abs(step) >= STEP_SECONDS && Math.abs(awake) >= STEP_SECONDS ? awake : 0
}

const scan = new Scan()

function openClock({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineClock, machine)
  const reading = rowsOnly([row])
  const file = files.proc('uptime')
  let before: Clocks | undefined
  let steps = 0
  const look = (): Clocks | undefined => {
    const started = performance.now() / 1000
    const end = files.read(file)
    const wall = Date.now() / 1000
    const monotonic = performance.now() / 1000
    if (monotonic - started > HELD_UP_SECONDS) return undefined
    const uptime = end < 0 ? Number.NaN : scan.over(files.bytes, end).decimal()
    return { wall, monotonic, uptime }
  }
  return () => {
    const now = look()
    const step = before === undefined || now === undefined ? 0 : stepBetween(before, now)
    if (step !== 0) {
      steps += 1
      row.values[LAST!] = step
    }
    before = now ?? before
    row.values[STEPS!] = steps
    const touched = files.stat(onRoot(files, SYNCHRONIZED_FILE))
    row.values[SYNCHRONIZED!] = touched === undefined ? Number.NaN : touched.mtimeMs / 1000
    return reading
  }
}

export const clock: MachineReader = {
  name: 'clock',
  help: 'Whether the clock was set, and when a server last set it.',
  open: openClock,
}
