/**
 * Panels, rows and dashboards as data. Grafana's JSON is printed from them (grafana.ts), and a test
 * holds every query against the catalogue.
 *
 * A panel answers one question, which its title names. The rows of a page follow an incident:
 * availability, saturation, errors and latency, capacity.
 */

/** UCUM, as in the catalogue; a rate is `…/s`, and seconds a second are a ratio: `1`. */
export type Unit = '1' | 's' | 'By' | 'By/s' | '{cpu}' | `{${string}}` | `{${string}}/s`

export interface Query {
  /** PromQL; every selector names `$job` and `$instance`. */
  readonly expr: string
  /** Name of each series, with labels as `{{device}}`. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  readonly description: string
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** `stat` shows the newest value, `lines` (the default) its course. */
  readonly form?: 'lines' | 'stat'
  /** From this value on it is drawn as a warning. */
  readonly warnFrom?: number
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  /** Stable for ever: part of the dashboard's address. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Row[]
}
