/** The machine's clock, and what is known of its truth. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { infoTable, keysOf } from './info.ts'

export const machineTime: Table = {
  name: 'machine_time',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: family('time', 'the clock of the machine', [
    ['seconds', 'node_time_seconds', 'gauge', 's', 'Unix time of the pass.'],
  ]),
}

export const machineTimeZone: Table = {
  name: 'machine_time_zone',
  entity: 'machine',
  keys: keysOf('candor.time', 'time_zone'),
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: family('time', 'the time zone of the agent', [
    [
      'zone_offset',
      'node_time_zone_offset_seconds',
      'gauge',
      's',
      'Local time minus UTC, summer time included.',
    ],
  ]),
}

const CLOCKSOURCE = '/sys/devices/system/clocksource/clocksourceN'

export const machineClocksource = infoTable({
  name: 'machine_clocksource',
  prom: 'node_time_clocksource_available_info',
  otel: 'candor.system.time.clocksource.available.info',
  keys: keysOf('candor.time', 'device', 'clocksource'),
  rows: 'one a clock source that can be chosen',
  help: 'Clock sources that the kernel may count time with; always 1.',
  source: `${CLOCKSOURCE}/available_clocksource`,
})

export const machineClocksourceCurrent = infoTable({
  name: 'machine_clocksource_current',
  prom: 'node_time_clocksource_current_info',
  otel: 'candor.system.time.clocksource.current.info',
  keys: keysOf('candor.time', 'device', 'clocksource'),
  rows: 'one',
  help: 'The clock source that the kernel counts time with; always 1.',
  source: `${CLOCKSOURCE}/current_clocksource`,
})

export const machineClock: Table = {
  name: 'machine_clock',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: [
    ...family('clock', 'wall clock against the monotonic clock, from pass to pass', [
      [
        'steps',
        'candor_machine_clock_steps_total',
        'counter',
        '{step}',
        'Times that the wall clock was set by 250 ms or more while the agent ran.',
      ],
      [
        'last_step',
        'candor_machine_clock_last_step_seconds',
        'gauge',
        's',
        'By how much it was set last: positive is forward; absent while it was not.',
      ],
    ]),
    ...family('clock', '/run/systemd/timesync/synchronized below --path.rootfs', [
      [
        'synchronized_time',
        'candor_machine_clock_synchronized_timestamp_seconds',
        'gauge',
        's',
        'Unix time at which systemd-timesyncd last took the time from a server; absent where it does not run or never did.',
      ],
    ]),
  ],
}
