/** `candor jvm inspect`, as a person would run it. */
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Javas } from '../agent/runtime/jvm/java.ts'
import { runCandor } from '../end-to-end/candor.ts'
import { needs } from '../peers/peers.ts'

const missing = needs('java') ?? needs('root')
describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let all: Javas
  beforeAll(() => {
    all = new Javas()
  })
  afterEach(() => all.stop())
  afterAll(() => all.remove())
  const inspect = (...args: readonly string[]) => runCandor(['jvm', 'inspect', ...args])

  test('all that is known of it, and no argument of its program', async () => {
    const flags = ['-XX:+UseSerialGC', '-Xmx32m', '-XX:+PerfDisableSharedMem']
    const pid = await all.start('java', flags)
    const { code, stdout, stderr } = await inspect(String(pid))
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^ {2}heap max +32 MiB$/m)
    expect(stdout).toMatch(/^ {2}MaxHeapSize +33554432 \(32 MiB\) {2}command-line$/m)
    expect(stdout).toMatch(/^ {2}UseContainerSupport$/m)
    expect(stdout).toMatch(/^ {2}MaxMetaspaceSize +unlimited$/m)
    expect(stdout).toContain('VM.flags tells of all that are set')
    // Neither a column of a table nor the largest number there is.
    expect(stdout).not.toMatch(/_bytes|_seconds|\d{19}|^ {2}workers/m)
    expect(stdout).not.toContain('s3cret')
  })
  test('the same as one JSON object', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'])
    const { code, stdout } = await inspect(String(pid), '--format=json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      pid,
      facts: { 'candor.jvm.collector': 'Serial' },
      figures: { heap_max_bytes: 32 << 20 },
      asked: {},
    })
  })
  test('one that began a moment ago is shown, but not asked', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'])
    const { code, stdout, stderr } = await inspect(String(pid), '--attach')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^JVM \d+$/m)
    expect(stderr).toMatch(/it runs for \d+ s, and may be asked after 60 s/)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

test('help: what it shows, and an exit code that it never has is not listed', async () => {
  const { stdout } = await runCandor(['jvm', 'inspect', '--help'])
  expect(stdout).toContain('flags that size it and who set them')
  expect(stdout).toContain('Exit codes: 0 ok, 1 failure, 2 wrong use.\n')
})

test.each([
  [['jvm'], 2, 'did you mean "jvm inspect"?'],
  [['jvm', 'inspect'], 2, 'expected one argument: PID'],
  [['jvm', 'inspect', 'me'], 2, 'expected a pid, found "me"'],
  [['jvm', 'inspect', '4194305'], 1, 'there is no process 4194305'],
  [['jvm', 'inspect', '7', '--command=VM.info'], 2, '--command: expected one of'],
])('%j: exit %i, %s', async (args, expected, hint) => {
  const { code, stdout, stderr } = await runCandor(args)
  expect(stderr).toContain(hint)
  expect([code, stdout]).toEqual([expected, ''])
})

test('a process that is no JVM', async () => {
  const child = spawn('sleep', ['600'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const { code, stderr } = await runCandor(['jvm', 'inspect', String(child.pid)])
  expect(code).toBe(1)
  expect(stderr).toContain('(sleep) has no libjvm.so mapped')
})
