/** What a person meets first: help, version, mistakes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VERSION } from '../../settings/version.ts'
import { ENTRY, runCandor } from './candor.ts'

test('--version', async () => {
  expect(await runCandor(['--version'])).toEqual({
    code: 0,
    stdout: `candor ${VERSION} (Node.js ${process.version})\n`,
    stderr: '',
  })
})

test.each(['', 'agent', 'collector', 'check', 'runtimes'])(
  '%s --help names its flags and the exit codes',
  async (name) => {
    const { code, stdout, stderr } = await runCandor([...(name ? [name] : []), '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('--log.level')
    const found = ['check', 'runtimes'].includes(name) ? ', 3 found something' : ''
    expect(stdout).toContain(`Exit codes: 0 ok, 1 failure, 2 wrong use${found}.\n`)
    for (const line of stdout.split('\n')) expect(line).not.toContain('undefined')
  },
)

test.each([
  [['chekc'], 'unknown command "chekc", did you mean "check"?'],
  [['check', '--formt=json'], 'unknown flag --formt, did you mean "--format"?'],
  [['check', 'me'], 'unexpected argument "me"'],
  [['--hlep'], 'unknown flag --hlep, did you mean "--help"?'],
  [['--interval=1ms'], '--interval: expected 1s to 1d, found "1ms"'],
  [['agent', '--store.path=x'], 'unknown flag --store.path'],
  [
    ['agent', '--interval=fast'],
    '--interval: expected a duration such as 10s or 1h30m, found "fast"',
  ],
  [['agent', '--web.listen-address=:9790'], '--insecure'],
  [['collector', '--otlp.listen-address=0.0.0.0:4318'], '--insecure'],
  [['collector', '--slo.file=/does/not/exist.yaml'], '/does/not/exist.yaml'],
])('%j is wrong use: exit 2 and a hint', async (args, hint) => {
  const { code, stdout, stderr } = await runCandor(args)
  expect(stderr).toContain(hint)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('who reads the page may leave first', async () => {
  const child = spawn('/bin/sh', [
    '-c',
    '"$0" "$1" check --duration=100ms | head -n 1',
    process.execPath,
    ENTRY,
  ])
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += String(text)))
  await once(child, 'close')
  expect(stderr).toBe('')
})

test('a machine that cannot be read is not a clean one', async () => {
  const { code, stdout } = await runCandor([
    'check',
    '--path.procfs=/nonexistent',
    '--path.sysfs=/nonexistent',
    '--duration=10ms',
    '--format=json',
  ])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ findings: [], containers: [] })
})

test('a settings file with mistakes: every one with file:line:column, exit 2', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-settings-'))
  try {
    const file = join(folder, 'candor.yml')
    writeFileSync(file, 'interval: 5\nweb:\n  listen-adress: :9790\n')
    const { code, stderr } = await runCandor(['agent', `--config.file=${file}`])
    expect(code).toBe(2)
    expect(stderr).toContain(
      `${file}:1:11: interval: expected a duration such as 10s or 1h30m, found "5"`,
    )
    expect(stderr).toContain(
      `${file}:3:3: unknown setting "web.listen-adress", did you mean "web.listen-address"?`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
