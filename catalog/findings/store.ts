/** The collector's own store. */
import type { FindingRule } from '../finding.ts'

export const storeFindings = {
  'store.disk-full': {
    id: 'store.disk-full',
    entity: 'store',
    title: 'The disk of the store will be full',
    minHistorySeconds: 86_400,
    raiseAfter: 2,
    clearAfter: 3,
    meaning:
      'More comes to the store than its disk has room for until the retention takes as much away. A store whose disk is full takes nothing more: agents keep what they have in their spool, and then drop it.',
    falseWhen:
      'The newest days are not like those to come, such as after a load of old data, or the disk grows by itself.',
    since: '0.1',
  },
} as const satisfies Record<string, FindingRule>
