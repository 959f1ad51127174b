/** What an alert is, before and on its way to Alertmanager. */

/** Every `alertname` that we give. */
export const ALERT_NAMES = ['SLOBurnRate'] as const

export interface Alert {
  /** With an `alertname` of ALERT_NAMES. Identity: one alert a set of labels. No label holds a value that moves. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Page of our console about it, from the external URL on: `/?service=shop&slo=availability#slos`. */
  readonly page: string
  /** `unknown` when it was not measured: what fires goes on, what does not stays quiet. */
  readonly condition: 'firing' | 'unknown'
}

/** `postableAlert` of Alertmanager's API v2. */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
}

/** The same text for the same labels, in any order. */
export const fingerprint = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
