/**
 * Until when versions of runtimes get fixes. Only ends that their makers have published, or that follow
 * from the rule and the calendar they publish, are here; of a version that is not here nothing is said.
 * Where only the month is known it is the last day of that.
 *
 * Releases of OpenJDK without long-term support end for everybody with the next one. The others are kept
 * by several vendors for different times: of two who give them away for nothing the ends are here, of the
 * others, and of what is kept for those who pay alone, nothing is said.
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

/** A maker of builds, by what they say of themselves. */
export interface VendorSupport extends SupportTable {
  readonly vendor: string
}

/** The table says what was known on this day. */
export const supportAsOf = '2026-11-21'

/** After so much time so much has ended that nobody knew of then that the table is no help. */
export const SUPPORT_STALE_DAYS = 365

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
      '26': '2026-09-30',
    },
  },
  go: {
    source:
      'https://go.dev/doc/devel/release: the two newest, with a release each February and August',
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
      '1.24': '2026-02-11',
      '1.25': '2026-08-31',
      '1.26': '2027-02-28',
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
      '25': '2026-06-01',
      '26': '2029-04-30',
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
      '10.0': '2028-11-14',
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
      '3.15': '2031-10-31',
    },
  },
  beam: {
    source: 'https://github.com/erlang/otp/security: the three newest, with a release each May',
    line: /^(\d+)/,
    olderEnded: true,
    ends: {
      '22': '2022-05-18',
      '23': '2023-05-16',
      '24': '2024-05-20',
      '25': '2025-05-21',
      '26': '2026-05-31',
      '27': '2027-05-31',
      '28': '2028-05-31',
      '29': '2029-05-31',
    },
  },
  envoy: {
    source: 'https://github.com/envoyproxy/envoy/blob/main/RELEASES.md',
    line: /^(\d+\.\d+)/,
    olderEnded: true,
    ends: {
      '1.32': '2025-10-15',
      '1.33': '2026-01-14',
      '1.34': '2026-04-15',
      '1.35': '2026-07-23',
      '1.36': '2026-10-14',
      '1.37': '2027-01-13',
      '1.38': '2027-04-23',
    },
  },
  postgresql: {
    source: 'https://www.postgresql.org/support/versioning/',
    line: /^(\d+)/,
    olderEnded: true,
    ends: {
      '12': '2024-11-21',
      '13': '2025-11-13',
      '14': '2026-11-12',
      '15': '2027-11-11',
      '16': '2028-11-09',
      '17': '2029-11-08',
      '18': '2030-11-14',
    },
  },
  'php-fpm': {
    source: 'https://www.php.net/supported-versions.php',
    line: /^(\d+\.\d+)/,
    olderEnded: true,
    ends: {
      '7.4': '2022-11-28',
      '8.0': '2023-11-26',
      '8.1': '2025-12-31',
      '8.2': '2026-12-31',
      '8.3': '2027-12-31',
      '8.4': '2028-12-31',
      '8.5': '2029-12-31',
    },
  },
  ruby: {
    source: 'https://www.ruby-lang.org/en/downloads/branches/',
    line: /^(\d+\.\d+)/,
    olderEnded: true,
    ends: {
      '2.7': '2023-03-31',
      '3.0': '2024-04-23',
      '3.1': '2025-03-26',
      '3.2': '2026-04-01',
      '3.3': '2027-03-31',
      '3.4': '2028-03-31',
      '4.0': '2029-03-31',
    },
  },
}

/** Releases of OpenJDK with long-term support, by who built them. */
export const jdkVendors: readonly VendorSupport[] = [
  {
    vendor: 'Eclipse Adoptium',
    source: 'https://adoptium.net/support',
    line: /^(?:1\.)?(\d+)/,
    olderEnded: false,
    ends: {
      '8': '2030-12-31',
      '11': '2027-10-31',
      '17': '2027-10-31',
      '21': '2029-12-31',
      '25': '2031-09-30',
    },
  },
  {
    vendor: 'Amazon.com Inc.',
    source: 'https://aws.amazon.com/corretto/faqs/#support',
    line: /^(?:1\.)?(\d+)/,
    olderEnded: false,
    ends: {
      '8': '2030-12-31',
      '11': '2032-01-31',
      '17': '2029-10-31',
      '21': '2030-10-31',
      '25': '2032-10-31',
    },
  },
]
