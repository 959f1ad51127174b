/**
 * The OpenTelemetry name of an own metric: dots for underscores, and no unit or `_total` at its end,
 * for those are told apart from the name.
 */
import type { OwnMetric } from '../../catalog/own.ts'

const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' }

/**
 * A gauge without a unit is a ratio to those who make Prometheus names of it, so that one which is none
 * has no unit at all.
 */
export const otelUnit = ({ prom, unit }: OwnMetric): string =>
  unit === '1' && !prom.endsWith('_ratio') ? '' : unit

/** Units in braces are told in the name, which says them in its own words. */
export function otelName({ prom, unit, kind }: OwnMetric): string {
  const counted = kind === 'counter' ? prom.replace(/_total$/, '') : prom
  const suffix = unit === '1' && kind === 'gauge' ? '_ratio' : UNITS[unit]
  const bare =
    suffix !== undefined && counted.endsWith(suffix) ? counted.slice(0, -suffix.length) : counted
  return bare.replaceAll('_', '.')
}
