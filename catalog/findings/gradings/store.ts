/** When a disk that fills is grave. */
import { type Grading, seconds, share } from '../grading.ts'

const DAY = 86_400

export const storeGradings = {
  'store.disk-full': {
    severities: {
      critical: 'it is full within `critical` at this rate',
      high: 'it is full within `high` at this rate',
      warning: 'it is full within `warning` at this rate',
    },
    thresholds: {
      critical: seconds(DAY, 'until the disk is full'),
      high: seconds(3 * DAY, 'until the disk is full'),
      warning: seconds(14 * DAY, 'until the disk is full'),
      usedShare: share(0.8, 'of what is free that a smaller bound may still take'),
    },
  },
} as const satisfies Record<string, Grading>
