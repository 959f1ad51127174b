/** How grave a finding is, and from which figures on: data that rules read and documents print. */
import type { Severity } from '../finding.ts'

/** `share` is a part of a whole, 0-1; `times` is how many times as much; all others are UCUM. */
export type ThresholdUnit =
  | 'share'
  | 'share/h'
  | 'times'
  | 'By'
  | 'By/s'
  | 'By/h'
  | 's'
  | '{cpu}'
  | '{thread}'
  | '{process}'
  | '{container}'
  | '{collection}'
  | '{fault}/s'
  | '{class}/h'

export interface Threshold {
  readonly value: number
  readonly unit: ThresholdUnit
  /** Of what, and what it decides. */
  readonly help: string
}

export interface Grading {
  /** What makes a finding as grave as that; names of thresholds stand in backticks. */
  readonly severities: Readonly<Partial<Record<Severity, string>>>
  readonly thresholds: Readonly<Record<string, Threshold>>
  /** Where it speaks later or softer than one may expect, and why. */
  readonly unlike?: string
}

const threshold =
  (unit: ThresholdUnit) =>
  (value: number, help: string): Threshold => ({ value, unit, help })

export const share = threshold('share')
export const sharePerHour = threshold('share/h')
export const times = threshold('times')
export const bytes = threshold('By')
export const bytesPerSecond = threshold('By/s')
export const bytesPerHour = threshold('By/h')
export const seconds = threshold('s')
export const cpus = threshold('{cpu}')
export const threads = threshold('{thread}')
export const processes = threshold('{process}')
export const containers = threshold('{container}')
export const collections = threshold('{collection}')
export const faultsPerSecond = threshold('{fault}/s')
export const classesPerHour = threshold('{class}/h')

export const MIB = 1024 ** 2
export const GIB = 1024 ** 3
