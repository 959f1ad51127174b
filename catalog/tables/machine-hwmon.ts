/**
 * Sensors of boards: /sys/class/hwmon; Documentation/hwmon/sysfs-interface.rst.
 *
 * A sensor's file is `<type><number>_<element>`. The metric's name is node_exporter's: type, element
 * and unit; `input`, the measured value, has no element in its name. By that rule alarms of
 * temperatures, voltages and currents get a unit and its factor too (`node_hwmon_temp_crit_alarm_celsius`
 * is 0.001 while the alarm is on); dashboards know them so.
 */
import type { Metric, Table } from '../metric.ts'
import { infoTable, keysOf } from './info.ts'

const POINTS = [1, 2, 3, 4, 5, 6, 7, 8] as const
const RANGE = ['input', 'min', 'max', 'average', 'lowest', 'highest', 'rated_min', 'rated_max']
const CRITICAL = ['lcrit', 'crit']
const ALARMS = ['alarm', 'min_alarm', 'max_alarm', 'lcrit_alarm', 'crit_alarm', 'cap_alarm']
const SWITCHES = ['beep', 'fault', 'enable']

/** Elements by the type of their sensor; of another file nothing is told. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  in: [...RANGE, ...CRITICAL, ...ALARMS, ...SWITCHES],
  cpu: ['vid'],
  fan: [
    'input',
    'min',
    'max',
    'div',
    'pulses',
    'target',
    'output',
    'manual',
    'tolerance',
    'alarm',
    'min_alarm',
    'max_alarm',
    ...SWITCHES,
  ],
  pwm: [
    '',
    'enable',
    'mode',
    'freq',
    'auto_channels_temp',
    'floor',
    'start',
    'stop_time',
    'step_up_time',
    'step_down_time',
    'temp_sel',
    'temp_tolerance',
    'target_temp',
    'crit_temp_tolerance',
    'weight_duty_base',
    'weight_duty_step',
    'weight_temp_sel',
    'weight_temp_step',
    'weight_temp_step_base',
    'weight_temp_step_tol',
    ...POINTS.flatMap((point) =>
      ['pwm', 'temp', 'temp_hyst'].map((what) => `auto_point${point}_${what}`),
    ),
  ],
  temp: [
    ...RANGE,
    ...CRITICAL,
    ...ALARMS,
    ...SWITCHES,
    'type',
    'offset',
    'emergency',
    'min_hyst',
    'max_hyst',
    'lcrit_hyst',
    'crit_hyst',
    'emergency_hyst',
    'emergency_alarm',
    ...POINTS.flatMap((point) =>
      ['pwm', 'temp', 'temp_hyst'].map((what) => `auto_point${point}_${what}`),
    ),
  ],
  curr: [...RANGE, ...CRITICAL, ...ALARMS, ...SWITCHES],
  power: [
    ...RANGE,
    ...CRITICAL,
    ...ALARMS,
    ...SWITCHES,
    'accuracy',
    'average_interval',
    'average_interval_min',
    'average_interval_max',
    'average_lowest',
    'average_highest',
    'average_min',
    'average_max',
    'input_lowest',
    'input_highest',
    'cap',
    'cap_hyst',
    'cap_max',
    'cap_min',
  ],
  energy: ['input'],
  humidity: [...RANGE, ...CRITICAL, 'min_hyst', 'max_hyst', ...ALARMS, ...SWITCHES],
  intrusion: ['alarm', 'beep'],
  freq: ['input'],
  // Of the whole chip: the file has no number and no element.
  beep_enable: [''],
  vrm: [''],
  update_interval: [''],
}

interface Form {
  /** Behind the element, with its underscore. */
  readonly suffix: string
  readonly unit: string
  readonly factor: number
}

const PLAIN: Form = { suffix: '', unit: '1', factor: 1 }
const MILLI = 0.001
const MICRO = 1e-6

/** By type: what every element gets that has no form of its own. */
const FORMS: Readonly<Record<string, Form>> = {
  in: { suffix: '_volts', unit: 'V', factor: MILLI },
  cpu: { suffix: '_volts', unit: 'V', factor: MILLI },
  temp: { suffix: '_celsius', unit: 'Cel', factor: MILLI },
  curr: { suffix: '_amps', unit: 'A', factor: MILLI },
  energy: { suffix: '_joule_total', unit: 'J', factor: MICRO },
  power: { suffix: '_watt', unit: 'W', factor: MICRO },
  humidity: { suffix: '', unit: '1', factor: MICRO },
  freq: { suffix: '_freq_mhz', unit: 'MHz', factor: MICRO },
  update_interval: { suffix: '_seconds', unit: 's', factor: MILLI },
  beep_enable: PLAIN,
}

/** Elements with a form of their own, by `type_element`. */
const OWN_FORMS: Readonly<Record<string, Form>> = {
  temp_type: PLAIN,
  power_accuracy: { suffix: '', unit: '1', factor: MICRO },
  ...Object.fromEntries(
    ['average_interval', 'average_interval_min', 'average_interval_max'].map((element) => [
      `power_${element}`,
      { suffix: '_seconds', unit: 's', factor: MILLI },
    ]),
  ),
  ...Object.fromEntries(
    ['input', 'min', 'max', 'target'].map((element) => [
      `fan_${element}`,
      { suffix: '_rpm', unit: '{rpm}', factor: 1 },
    ]),
  ),
}

function formOf(type: string, element: string): Form {
  if (element === 'alarm' || element === 'fault') return PLAIN
  if (element === 'beep') return { ...PLAIN, suffix: '_enabled' }
  return OWN_FORMS[`${type}_${element}`] ?? FORMS[type] ?? PLAIN
}

/** Names that do not follow from type and element. */
const NAMES: Readonly<Record<string, string>> = {
  beep_enable: 'beep_enabled',
  vrm: 'voltage_regulator_version',
}

interface Column {
  readonly type: string
  readonly element: string
  readonly factor: number
  readonly metric: Metric
}

const COLUMNS: readonly Column[] = Object.entries(ELEMENTS).flatMap(([type, elements]) =>
  elements.map((element): Column => {
    const { suffix, unit, factor } = formOf(type, element)
    const shown = element === 'input' || element === '' ? '' : `_${element}`
    const name = NAMES[type] ?? `${type}${shown}${suffix}`
    return {
      type,
      element,
      factor,
      metric: {
        column: element === '' ? type : `${type}_${element}`,
        prom: `node_hwmon_${name}`,
        otel: `candor.system.hwmon.${element === '' ? type : `${type}.${element}`}`,
        kind: type === 'energy' && element === 'input' ? 'counter' : 'gauge',
        unit,
        help: `Sensor of a board: ${type}${element === '' ? '' : `, ${element}`}.`,
        source: `/sys/class/hwmon/*/${type}${element === '' ? '' : `N_${element}`}`,
        since: '0.1',
      },
    }
  }),
)

/** By type and element: position of the column, and its factor to the unit of the metric. */
export const hwmonColumns: ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly column: number; readonly factor: number }>
> = new Map(
  Object.keys(ELEMENTS).map((of) => [
    of,
    new Map(
      COLUMNS.flatMap(({ type, element, factor }, column) =>
        type === of ? [[element, { column, factor }] as const] : [],
      ),
    ),
  ]),
)

export const machineHwmon: Table = {
  name: 'machine_hwmon',
  entity: 'machine',
  keys: keysOf('candor.hwmon', 'chip', 'sensor'),
  rows: 'one a sensor',
  narrow: true,
  metrics: COLUMNS.map(({ metric }) => metric),
}

export const machineHwmonChip = infoTable({
  name: 'machine_hwmon_chip',
  prom: 'node_hwmon_chip_names',
  otel: 'candor.system.hwmon.chip.info',
  keys: keysOf('candor.hwmon', 'chip', 'chip_name'),
  rows: 'one a chip that says its name',
  help: 'Name that the driver gives the chip; always 1.',
  source: '/sys/class/hwmon/*/name',
})

export const machineHwmonLabel = infoTable({
  name: 'machine_hwmon_label',
  prom: 'node_hwmon_sensor_label',
  otel: 'candor.system.hwmon.sensor.info',
  keys: keysOf('candor.hwmon', 'chip', 'sensor', 'label'),
  rows: 'one a sensor that says what it measures',
  help: 'What the sensor measures, in the words of its driver; always 1.',
  source: '/sys/class/hwmon/*/*_label',
})
