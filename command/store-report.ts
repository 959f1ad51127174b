/** What a store holds, as a page of text. */
import type { StoreStats, TableStats } from '../collector/store/operate/stats.ts'
import { bytes } from '../dashboards/console/units.js'
import { table } from './table.ts'

export const size = (value: number): string => bytes(value)

const day = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10)
const count = (value: number): string => value.toLocaleString('en')
const DAY_MS = 86_400_000

const row = ({
  table: name,
  rows,
  bytes: sizeBytes,
  partitions,
  fromMs,
  toMs,
  samples = 0,
}: TableStats) => [
  name,
  count(rows),
  size(sizeBytes),
  samples > 0 ? (sizeBytes / samples).toFixed(2) : '',
  count(partitions),
  day(fromMs),
  // The end of a partition is the start of the day after.
  day(toMs === undefined ? undefined : toMs - DAY_MS),
]

export function describeStats({ tables, bytesPerSample, disk, forecast }: StoreStats): string {
  const { bytes: total, bytesPerDay, finalBytes, fullInDays } = forecast
  const lines = [
    table(
      ['TABLE', 'ROWS', 'SIZE', 'BYTES A SAMPLE', 'PARTITIONS', 'FROM', 'TO'],
      tables.toSorted((a, b) => b.bytes - a.bytes).map(row),
      [1, 2, 3, 4],
    ),
    '',
    `size      ${size(total)}${bytesPerSample === undefined ? '' : `, ${bytesPerSample.toFixed(2)} bytes a sample`}`,
    `disk      ${disk === undefined ? 'the engine does not tell what is free' : `${size(disk.freeBytes)} free of ${size(disk.sizeBytes)}`}`,
  ]
  if (bytesPerDay === undefined || finalBytes === undefined) {
    lines.push('forecast  none before a day is over')
  } else {
    lines.push(`forecast  ${size(bytesPerDay)} a day, ${size(finalBytes)} in the end`)
    if (fullInDays !== undefined) {
      lines.push(`          at this rate the disk is full in ${Math.floor(fullInDays)} days`)
    }
  }
  return lines.join('\n')
}
