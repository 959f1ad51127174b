/**
 * Real kernels with cgroup v2: what reads cgroups is tested inside them. User-mode Linux is fast and
 * has no PSI; Debian's kernel, emulated, has all and is slow, so the long rounds run it.
 */
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { GuestResult } from '../peers/kernel/guest.ts'
import { inQemu } from '../peers/kernel/qemu.ts'
import { inUserModeLinux } from '../peers/kernel/user-mode-linux.ts'
import { needs } from '../peers/peers.ts'

const REPOSITORY = new URL('../../', import.meta.url).pathname

/** The repository cannot be written there: nothing is bundled for the configuration. */
const SCRIPT = `cd '${REPOSITORY}'
PATH='${dirname(process.execPath)}':"$PATH"
node node_modules/vitest/vitest.mjs run --config test/in-guest/vitest.config.ts \\
  --configLoader native --outputFile=/mnt/report 1>&2
cat /mnt/report
`

interface Report {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** Names of the tests by their outcome; what failed is told whole. */
function outcome({ stdout, stderr }: GuestResult) {
  const start = stdout.indexOf('{')
  if (start < 0) throw new Error(`no report:\n${stdout}\n${stderr}`)
  const { testResults } = JSON.parse(stdout.slice(start)) as Report
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const named = (status: string) =>
    all.filter((one) => one.status === status).map(({ fullName }) => fullName)
  const failures = all
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`)
  const broken = testResults.flatMap(({ message, assertionResults }) =>
    message !== '' && assertionResults.length === 0 ? [message] : [],
  )
  return { failures: [...failures, ...broken], passed: named('passed'), skipped: named('skipped') }
}

describe.skipIf(needs('root', 'user_mode_linux', 'cc', 'java', 'runc', 'busybox'))(
  'user-mode Linux',
  () => {
    test('cgroups are read as its kernel has them', { timeout: 400_000 }, async () => {
      const found = outcome(await inUserModeLinux(SCRIPT, { timeoutMs: 380_000 }))
      expect(found.failures).toEqual([])
      expect(found.passed.length).toBeGreaterThanOrEqual(16)
      expect(found.skipped.filter((name) => !/^(pressure|networks)/.test(name))).toEqual([])
    })
  },
)

const long = process.env['LONG'] === '1'

describe.skipIf(!long || needs('root', 'qemu', 'java', 'runc'))('Debian in qemu', () => {
  test('and of a kernel with PSI and networks', { timeout: 1_500_000 }, async () => {
    const found = outcome(await inQemu(SCRIPT, { timeoutMs: 1_400_000 }))
    expect(found.failures).toEqual([])
    expect(found.passed.length).toBeGreaterThanOrEqual(17)
    expect(found.skipped).toEqual(['pressure of a kernel without it there is none, and no zero'])
  })
})
