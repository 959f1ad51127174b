/** Which departure explains what a comparison with another exporter finds. */
import { type Departure, departures, type Only } from './departures.ts'
import { agentTables } from './tables/machine-agent.ts'
import { tables } from './tables.ts'

/** What a program says of itself is not compared. */
const compared = tables.filter((table) => !agentTables.includes(table))
const ours = new Set(compared.flatMap(({ metrics }) => metrics.map(({ prom }) => prom)))

const explains = ({ name, only }: Departure, metric: string): boolean =>
  name.endsWith('*')
    ? metric.startsWith(name.slice(0, -1)) && (only !== undefined || !ours.has(metric))
    : metric === name

type Labels = readonly (readonly [label: string, value: string])[]

const isOf = ({ label, value, figure }: Only, labels: Labels, measured: number): boolean =>
  (figure === undefined || figure === measured) &&
  (label === undefined || labels.some(([name, text]) => name === label && value?.test(text)))

/** `device like x`, and what else says which series are meant. */
export const describeOnly = ({ label, value, figure }: Only): string =>
  [
    label === undefined ? '' : `${label} like ${value?.source}`,
    figure === undefined ? '' : `the value ${figure}`,
  ]
    .filter((part) => part !== '')
    .join(' and ')

const isWhole = ({ only, measuredOtherwise }: Departure): boolean =>
  only === undefined && measuredOtherwise !== true

/** The departure that explains why figures of a family that is ours too are others. */
export const departureOfFigures = (metric: string): Departure | undefined =>
  departures.find((one) => one.measuredOtherwise === true && explains(one, metric))

/** The departure that explains all of a family. */
export const departureOf = (metric: string): Departure | undefined =>
  departures.find((one) => isWhole(one) && explains(one, metric))

/** The departure that explains one series of a family that is ours too. */
export const departureOfSeries = (
  metric: string,
  labels: Labels,
  measured: number,
): Departure | undefined =>
  departures.find(
    (one) => one.only !== undefined && explains(one, metric) && isOf(one.only, labels, measured),
  )
