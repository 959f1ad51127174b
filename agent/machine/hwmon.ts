/**
 * Sensors of boards: temperatures, fans, voltages, power. Chips, their sensors and limits are looked
 * for once a minute; measured values and alarms are read each pass.
 *
 * Source: /sys/class/hwmon; Documentation/hwmon/sysfs-interface.rst
 * Units:  the kernel counts thousandths and millionths; rows hold base units.
 */
import {
  hwmonColumns,
  machineHwmon,
  machineHwmonChip,
  machineHwmonLabel,
} from '../../catalog/tables/machine-hwmon.ts'
import type { Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { Attribute, number, word } from './attribute.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const FILE = /^([^0-9]+)([0-9]{0,9})(?:_(.+))?$/
/** Elements that are measured; all others are settings. */
const MEASURED = /^(?:|input|average|output|(?:.*_)?(?:alarm|fault))$/

export interface SensorFile {
  readonly type: string
  /** `temp1`; what has no number gets 0, as in node_exporter. */
  readonly sensor: string
  readonly element: string
}

/** What a file of a chip is about; undefined where it is none of a sensor. */
export function parseSensorFile(file: string): SensorFile | undefined {
  const [, type = '', id, element = ''] = FILE.exec(file) ?? []
  if (!hwmonColumns.has(type)) return undefined
  return { type, sensor: `${type}${Number(id)}`, element }
}

/** A name as a label may have had it before Prometheus took any text. */
export const clean = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, '_')
    .replace(/^_+|_+$/g, '')

interface Value {
  readonly values: Float64Array
  readonly column: number
  readonly factor: number
  readonly attribute: Attribute
}

/** By the device that it sits on, since chips are numbered anew at each boot; else by its own name. */
function chipName(
  files: KernelFiles,
  folder: string,
  name: string | undefined,
  link: string,
): string {
  const device = files.realPath(`${folder}/device`)
  const [bus = '', id = ''] = (device?.split('/').slice(-2) ?? []).map(clean)
  if (id !== '') return bus === '' ? id : `${bus}_${id}`
  return clean(name ?? '') || clean(link)
}

function openHwmon({ files, machine }: MachineContext): Read {
  const sensors = new KeptRows(machineHwmon, machine)
  const chips = new KeptRows(machineHwmonChip, machine)
  const labels = new KeptRows(machineHwmonLabel, machine)
  const all = [sensors, chips, labels]
  const root = `${files.paths.sysfs}/class/hwmon`
  const isDue = everyMinute()
  let measured: Value[] = []
  let rows: readonly Row[] = []
  /** Sensors that this search has met. */
  const named = new Set<string>()

  const takeFile = (chip: string, path: string, of: SensorFile, label: string | undefined) => {
    const known = hwmonColumns.get(of.type)?.get(of.element)
    if (known === undefined) return
    // Frequencies of graphics chips are known by what they drive.
    const sensor = of.type === 'freq' ? clean(label ?? '') : of.sensor
    const once = number(files, path)
    if (sensor === '' || (Number.isNaN(once) && !MEASURED.test(of.element))) return
    const id = `${chip}\0${sensor}`
    const values = sensors.row(id, () => [chip, sensor])
    if (!named.has(id)) values.fill(Number.NaN)
    named.add(id)
    values[known.column] = once * known.factor
    if (!MEASURED.test(of.element)) return
    measured.push({ values, ...known, attribute: new Attribute(files, path) })
  }

  const takeChip = (link: string) => {
    const folder = `${root}/${link}`
    const name = word(files, `${folder}/name`)
    const chip = chipName(files, folder, name, link)
    if (clean(name ?? '') !== '') infoOf(chips, chip, clean(name!))
    // Old drivers have their files at the device.
    for (const at of [folder, `${folder}/device`]) {
      const found = files.names(at).flatMap((file) => {
        const of = parseSensorFile(file)
        return of === undefined ? [] : [{ path: `${at}/${file}`, of }]
      })
      const labelOf = new Map<string, string>()
      for (const { path, of } of found) {
        const label = of.element === 'label' ? word(files, path) : undefined
        if (label === undefined) continue
        labelOf.set(of.sensor, label)
        infoOf(labels, chip, of.sensor, label)
      }
      for (const { path, of } of found) takeFile(chip, path, of, labelOf.get(of.sensor))
    }
  }

  return (timeMs) => {
    if (isDue(timeMs)) {
      for (const { attribute } of measured) attribute.close()
      measured = []
      named.clear()
      for (const each of all) each.begin()
      for (const link of files.names(root)) takeChip(link)
      rows = all.flatMap((each) => each.finish())
    }
    if (rows.length === 0) {
      return {
        reason: `no chips at ${root}`,
        cure: 'nothing to do: virtual machines have none',
        notHere: true,
      }
    }
    for (const { values, column, factor, attribute } of measured) {
      values[column] = attribute.read() * factor
    }
    return rowsOnly(rows)
  }
}

export const hwmon: MachineReader = {
  name: 'hwmon',
  help: 'Sensors of boards, temperatures, fans, voltages: /sys/class/hwmon.',
  open: openHwmon,
}
