/**
 * store.disk-full: at this rate the disk of the store is full before the retention takes as much as
 * comes. The rate is that of its newest whole days.
 */
import type { Severity } from '../../catalog/finding.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { StoreProfile } from '../profile.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { thresholdsOf } from './thresholds.ts'
import { gibibytes } from './words.ts'

const RULE = 'store.disk-full'
const { critical, high, warning, usedShare } = thresholdsOf(RULE)

const DAY = 86_400
const HOUR = 3_600
const MIB = 1024 ** 2
const GIB = 1024 ** 3

export function judgeStore(store: StoreProfile): Judgement {
  const { sizeBytes, freeBytes, bytesPerDay, finalBytes, fullInSeconds } = store
  if (freeBytes === undefined || sizeBytes === undefined)
    return notJudged('size and free space of the store are not known')
  if (bytesPerDay === undefined || finalBytes === undefined)
    return notJudged('no whole day is stored yet, which would tell how much comes')
  if (fullInSeconds === undefined || fullInSeconds > warning) return FINE
  return finding({
    rule: RULE,
    severity: severityOf(fullInSeconds),
    // Days to come may be unlike those that were.
    confidence: 'inferred',
    summary: `At this rate the disk is full in ${timeLeft(fullInSeconds)}: ${gibibytes(bytesPerDay)} come a day, ${gibibytes(freeBytes)} are free, and by its retention the store grows from ${gibibytes(sizeBytes)} to ${gibibytes(finalBytes)}.`,
    evidence: [
      evidence('free', freeBytes, 'By', 'system.disks'),
      evidence('comes a day', bytesPerDay, 'By', 'newest whole partitions'),
      evidence('until full', fullInSeconds, 's', 'forecast of every table'),
    ],
    ...fixOf(sizeBytes, freeBytes, finalBytes),
  })
}

const severityOf = (seconds: number): Severity =>
  seconds <= critical ? 'critical' : seconds <= high ? 'high' : 'warning'

function timeLeft(seconds: number): string {
  const [count, unit] =
    seconds < 2 * DAY ? [Math.floor(seconds / HOUR), 'hour'] : [Math.floor(seconds / DAY), 'day']
  return count === 0 ? 'less than an hour' : `${count} ${unit}${count === 1 ? '' : 's'}`
}

function fixOf(sizeBytes: number, freeBytes: number, finalBytes: number): Fix {
  const retentionBytes = sizeBytes + usedShare * freeBytes
  const missingBytes = finalBytes - sizeBytes - freeBytes
  return {
    fix: `set --store.retention.bytes=${flagValue(retentionBytes)}, so that the oldest samples go first; or shorten --store.retention.raw; or give the disk ${gibibytes(missingBytes)} more`,
    fixValues: { retentionBytes, missingBytes },
  }
}

/** As the flag takes it: a whole number, never more than was meant. */
const flagValue = (bytes: number): string =>
  bytes >= 10 * GIB ? `${Math.floor(bytes / GIB)}GiB` : `${Math.max(1, Math.floor(bytes / MIB))}MiB`
