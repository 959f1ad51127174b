/**
 * Which devices people want: the flags `collector.NAME.device-include` and `….device-exclude`, of
 * which only one may be given, as in node_exporter.
 */
import type { FlagTable } from '../../settings/flag.ts'
import { UsageError } from '../../settings/usage-error.ts'
import type { LeftOut } from '../read/keyed-rows.ts'

/** Both flags of a reader. */
export const deviceFlags = (reader: string, what: string): FlagTable => ({
  [`collector.${reader}.device-include`]: {
    type: 'string',
    form: 'regexp',
    value: 'REGEXP',
    help: `The ${what} to show; all others are left out.`,
  },
  [`collector.${reader}.device-exclude`]: {
    type: 'string',
    form: 'regexp',
    value: 'REGEXP',
    help: `The ${what} to leave out.`,
  },
})

/** What the flags of a reader leave out; throws UsageError where both are given. */
export function devicesLeftOut(
  reader: string,
  settings: Readonly<Record<string, unknown>>,
  byDefault?: RegExp,
): LeftOut | undefined {
  const [includeFlag, excludeFlag] = ['include', 'exclude'].map(
    (which) => `collector.${reader}.device-${which}`,
  ) as [string, string]
  const include = settings[includeFlag] as string | undefined
  const exclude = settings[excludeFlag] as string | undefined
  if (include !== undefined && exclude !== undefined) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--${includeFlag}: cannot be given together with --${excludeFlag}`,
    ])
  }
  if (exclude !== undefined) return new RegExp(exclude)
  if (include === undefined) return byDefault
  const wanted = new RegExp(include)
  return { test: (name) => !wanted.test(name) }
}
