import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Runtimes } from '../../../agent/runtime/runtimes.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { makeProfiles } from '../../../judge/profiles.ts'
import { figuresBy, runtimeNewest } from '../../../judge/runtime-columns.ts'
import { silentLog } from '../../../settings/log.ts'
import { inline, made } from '../../agent/runtime/go-program.ts'
import { FakeProcfs } from '../../agent/runtime/processes.ts'
import { cgroup, machine, none, now, runtime } from '../figures.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { go } from './other-profiles.ts'

const RULE = 'go.gomaxprocs-exceeds-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...go, ...change })).toBe(want)

const OLD = { build: { mod: 'm', DefaultGODEBUG: 'asynctimerchan=1,containermaxprocs=0,x=y' } }

test('built by a new Go with an old version in go.mod: believed, enforced and the fix', () => {
  const found = verdictOf(RULE, { ...go, ...OLD, ...seen(stopped(0.4)) })
  expect(found).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    summary: 'The program runs goroutines on 8 CPUs at once, the kernel grants 2 cores to /c.',
    believed: { value: 8, source: 'Go without container support: CPUs that it may run on' },
    enforced: { value: 2, source: '/c' },
    fix: 'set GOMAXPROCS=2, or build it with Go 1.25 or later and that version in go.mod',
    fixValues: { goMaxProcs: 2 },
  })
  expect(found.evidence).toHaveLength(3)
})

describe('a program that was built by Go 1.26, as it lies on the disk', () => {
  const procfs = new FakeProcfs()
  afterAll(() => procfs.remove())
  const DEFAULTS = 'build\tDefaultGODEBUG=asynctimerchan=1,containermaxprocs=0,updatemaxprocs=0\n'

  /** What is said of it on 8 CPUs, in a cgroup with half a CPU. */
  function answer(pid: number, settings: string, environ: Readonly<Record<string, string>> = {}) {
    const exe = join(procfs.path, `server-${pid}`)
    const modules = `path\tm/server\nmod\tm\t(devel)\t\n${settings}`
    const data = inline('go1.26.4', modules)
    writeFileSync(exe, made({ little: true, wide: true, data }))
    procfs.set(pid, { comm: 'server', exe, environ })
    const runtimes = new Runtimes({
      procfs: procfs.path,
      machine: () => ({ kind: 'machine', attributes: { 'host.id': 'a' } }),
      bootTimeMs: () => 0,
      containerOf: () => undefined,
      log: silentLog(),
    })
    const { rows } = runtimes.read(3_600_000)
    runtimes.close()
    const { attributes } = rows.find(
      ({ entity }) => entity.attributes['process.pid'] === `${pid}`,
    )!.entity
    const newest = { ...figuresBy(runtimeNewest, none), affinityCpus: 8 }
    const told = runtime(pid, 'go', { newest }, { ...attributes, 'candor.cgroup.path': '/c' })
    const half = cgroup('/c', { ownCpuCores: 0.5, cpuLimitCores: 0.5 })
    const fleet = { nowMs: now, machines: [machine], containers: [half], runtimes: [told] }
    const [seen] = makeProfiles(fleet, { containers: 0 }).runtimes
    return answerOf(RULE, seen!.profile)
  }

  test('with an old version in go.mod it does not follow the quota', () =>
    expect(answer(50, DEFAULTS)).toBe('warning'))
  test('with 1.25 in go.mod it does', () => expect(answer(51, '')).toBe('fine'))
  test('with an old one, and the environment that switches it on, it does', () =>
    expect(answer(52, DEFAULTS, { GODEBUG: 'containermaxprocs=1' })).toBe('fine'))
})

describe('fires', () => {
  test.each([
    [{ ...OLD }, 'warning'],
    [{ ...OLD, ...seen(stopped(0.4)) }, 'high'],
    [{ version: '1.22.0' }, 'warning'],
    [{ environment: { GOMAXPROCS: '8' } }, 'warning'],
    [{ environment: { GODEBUG: 'containermaxprocs=0' } }, 'warning'],
    // Set by hand: what was built in does not matter.
    [{ version: '1.19.8', build: {}, environment: { GOMAXPROCS: '16' } }, 'warning'],
    // It looks at its own cgroup alone.
    [{ cpuLimitCores: 0.5, ownCpuLimitCores: undefined }, 'warning'],
  ])('%j: %s', (change, want) => {
    const profile = { ...go, ...change } as RuntimeProfile
    const { ownCpuLimitCores } = profile
    expect(
      answerOf(
        RULE,
        ownCpuLimitCores === undefined ? without(profile, 'ownCpuLimitCores') : profile,
      ),
    ).toBe(want)
  })
})

describe('must not fire', () => {
  test.each([
    [{}, 'fine'],
    [quota(0.5), 'fine'],
    [{ version: '1.22.0', environment: { GOMAXPROCS: '2' } }, 'fine'],
    [{ version: '1.22.0', build: { mod: 'm', 'go.uber.org/automaxprocs': 'v1.6.0' } }, 'fine'],
    // The runtime never goes below 2.
    [{ ...quota(0.5), affinityCpus: 2, version: '1.22.0' }, 'fine'],
    [{ version: '1.22.0', ...quota(6) }, 'fine'],
    // A setting that makes no sense is left aside by the runtime too.
    [{ environment: { GOMAXPROCS: '0' } }, 'fine'],
  ])('%j: %s', f)
  test('no quota', () =>
    expect(answerOf(RULE, without({ ...go, ...OLD }, 'cpuLimitCores'))).toBe('fine'))
})

describe('not judged', () => {
  test('built without modules: one may set it', () =>
    f({ version: '1.19.8', build: { path: 'x' } }, 'not-judged'))
  test('no build information', () =>
    expect(answerOf(RULE, without(go, 'build'))).toBe('not-judged'))
  test('no environment', () =>
    expect(answerOf(RULE, without(go, 'environment'))).toBe('not-judged'))
  test('no version', () => expect(answerOf(RULE, without(go, 'version'))).toBe('not-judged'))
  test('a build of no release', () => f({ version: 'devel +1234' }, 'not-judged'))
})
