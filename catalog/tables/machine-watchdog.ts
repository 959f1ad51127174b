/** Timers that reset a machine which hangs: /sys/class/watchdog. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { infoTable, keysOf } from './info.ts'

const SOURCE = '/sys/class/watchdog/*'

export const machineWatchdog: Table = {
  name: 'machine_watchdog',
  entity: 'machine',
  keys: keysOf('candor.watchdog', 'name'),
  rows: 'one a watchdog',
  narrow: true,
  slow: true,
  metrics: family('watchdog', SOURCE, [
    [
      'bootstatus',
      'node_watchdog_bootstatus',
      'gauge',
      '1',
      'Why the machine booted last, as bits.',
    ],
    ['fw_version', 'node_watchdog_fw_version', 'gauge', '1', 'Version of the firmware.'],
    ['nowayout', 'node_watchdog_nowayout', 'gauge', '1', '1 when it cannot be stopped.'],
    [
      'timeleft',
      'node_watchdog_timeleft_seconds',
      'gauge',
      's',
      'Time until it resets the machine.',
    ],
    [
      'timeout',
      'node_watchdog_timeout_seconds',
      'gauge',
      's',
      'Time without a sign of life that it allows.',
    ],
    [
      'pretimeout',
      'node_watchdog_pretimeout_seconds',
      'gauge',
      's',
      'Time before the reset at which it warns.',
    ],
    [
      'access_cs0',
      'node_watchdog_access_cs0',
      'gauge',
      '1',
      '1 when it makes the machine boot from its first flash.',
    ],
  ]),
}

export const machineWatchdogInfo = infoTable({
  name: 'machine_watchdog_info',
  prom: 'node_watchdog_info',
  otel: 'candor.system.watchdog.info',
  keys: keysOf(
    'candor.watchdog',
    'name',
    'options',
    'identity',
    'state',
    'status',
    'pretimeout_governor',
  ),
  rows: 'one a watchdog',
  help: 'What the watchdog is; always 1.',
  source: SOURCE,
})
