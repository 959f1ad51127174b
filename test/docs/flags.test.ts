import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { agentFlags } from '../../agent/flags.ts'
import { collectorFlags } from '../../collector/flags.ts'
import { checkFlags } from '../../command/check.ts'
import { demoFlags } from '../../command/demo.ts'
import { diffFlags } from '../../command/diff.ts'
import { jvmInspectFlags } from '../../command/jvm-inspect.ts'
import { runtimesFlags } from '../../command/runtimes.ts'
import { togetherFlags } from '../../command/together.ts'

const KNOWN = new Set(
  [
    agentFlags,
    collectorFlags,
    checkFlags,
    demoFlags,
    diffFlags,
    jvmInspectFlags,
    runtimesFlags,
    togetherFlags,
  ]
    .flatMap((flags) => Object.keys(flags))
    .concat('help'),
)
/** Flags of others that stand in these pages: of npm and of Node.js. */
const OF_OTHERS = ['silent', 'omit', 'max-old-space-size']

test.each(['README.md', 'docs/agent.md'])('every flag that %s names is there', (path) => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const named = [...text.matchAll(/(?<![\w-])--(?:no-)?([a-z][\w.-]*\w)/g)].map(([, name]) => name!)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !KNOWN.has(name) && !OF_OTHERS.includes(name))).toEqual([])
})

test('who comes to replace an exporter finds how: port, unit, container, rights', () => {
  const text = readFileSync(new URL('../../docs/agent.md', import.meta.url), 'utf8')
  for (const word of [':9100', '--insecure', 'ExecStart=', 'DaemonSet', 'hostPID', '.cache']) {
    expect(text).toContain(word)
  }
})
