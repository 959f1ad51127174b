/**
 * Until when versions of runtimes get fixes. Only ends that their makers have published are here; of a
 * version that is not here nothing is said.
 *
 * Of OpenJDK the releases without long-term support alone: the others are kept by several vendors for
 * different times.
 */
import type { RuntimeKind } from './runtime-kind.ts'

export interface SupportTable {
  readonly source: string
  /** What of a version is the line that is kept together: `3.11` of `3.11.4`. */
  readonly line: RegExp
  /** Last day by line, in the order of versions. */
  readonly ends: Readonly<Record<string, string>>
  /** All that is older than the first line has ended too. */
  readonly olderEnded: boolean
}

/** The table says what was known on this day. */
export const supportAsOf = '2025-11-30'

export const runtimeSupport: Readonly<Partial<Record<RuntimeKind, SupportTable>>> = {
  jvm: {
    source: 'https://openjdk.org/projects/jdk/',
    line: /^(\d+)(?![\d.]*_)/,
    olderEnded: false,
    ends: {
      '9': '2018-03-20',
      '10': '2018-09-25',
      '12': '2019-09-17',
      '13': '2020-03-17',
      '14': '2020-09-15',
      '15': '2021-03-16',
      '16': '2021-09-14',
      '18': '2022-09-20',
      '19': '2023-03-21',
      '20': '2023-09-19',
      '22': '2024-09-17',
      '23': '2025-03-18',
      '24': '2025-09-16',
    },
  },
  go: {
    source: 'https://go.dev/doc/devel/release',
    line: /^(?:go)?(1\.\d+)/,
    olderEnded: true,
    ends: {
      '1.16': '2022-03-15',
      '1.17': '2022-08-02',
      '1.18': '2023-02-01',
      '1.19': '2023-08-08',
      '1.20': '2024-02-06',
      '1.21': '2024-08-13',
      '1.22': '2025-02-11',
      '1.23': '2025-08-12',
    },
  },
  nodejs: {
    source: 'https://github.com/nodejs/release/blob/main/schedule.json',
    line: /^v?(\d+)/,
    olderEnded: true,
    ends: {
      '12': '2022-04-30',
      '13': '2020-06-01',
      '14': '2023-04-30',
      '15': '2021-06-01',
      '16': '2023-09-11',
      '17': '2022-06-01',
      '18': '2025-04-30',
      '19': '2023-06-01',
      '20': '2026-04-30',
      '21': '2024-06-01',
      '22': '2027-04-30',
      '23': '2025-06-01',
      '24': '2028-04-30',
    },
  },
  dotnet: {
    source: 'https://dotnet.microsoft.com/platform/support/policy/dotnet-core',
    line: /^(\d+\.\d+)/,
    olderEnded: true,
    ends: {
      '3.0': '2020-03-03',
      '3.1': '2022-12-13',
      '5.0': '2022-05-10',
      '6.0': '2024-11-12',
      '7.0': '2024-05-14',
      '8.0': '2026-11-10',
      '9.0': '2026-11-10',
    },
  },
  python: {
    source: 'https://devguide.python.org/versions/',
    line: /^(\d+\.\d+)/,
    olderEnded: true,
    ends: {
      '3.7': '2023-06-27',
      '3.8': '2024-10-07',
      '3.9': '2025-10-31',
      '3.10': '2026-10-31',
      '3.11': '2027-10-31',
      '3.12': '2028-10-31',
      '3.13': '2029-10-31',
      '3.14': '2030-10-31',
    },
  },
  beam: {
    source: 'https://github.com/erlang/otp/security: the three newest major versions',
    line: /^(\d+)/,
    olderEnded: true,
    ends: { '22': '2022-05-18', '23': '2023-05-16', '24': '2024-05-20', '25': '2025-05-21' },
  },
}
