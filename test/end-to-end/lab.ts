/** Real JVMs that do what a test asks for, each in a cgroup of the test's own. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sampler } from '../../agent/pass.ts'
import type { Picture } from '../../command/picture.ts'
import type { FindingRuleId } from '../../catalog/finding.ts'
import { silentLog } from '../../settings/log.ts'
import { OwnCgroup } from '../own-cgroup.ts'

export const MIB = 1 << 20
export const GIB = 1024 * MIB
const HOMES = '/usr/lib/jvm'

/** The java of a feature release; undefined where this machine has none. */
export function javaOf(release: 17 | 25): string | undefined {
  const isOne = (home: string) => {
    try {
      const text = readFileSync(join(HOMES, home, 'release'), 'utf8')
      return text.includes(`\nJAVA_VERSION="${release}.`)
    } catch {
      return false
    }
  }
  const home = existsSync(HOMES) ? readdirSync(HOMES).find(isOne) : undefined
  return home === undefined ? undefined : join(HOMES, home, 'bin/java')
}

/** Where the counters of a JVM are is a matter of the machine that the tests run on. */
export const OF_THE_MACHINE: readonly FindingRuleId[] = ['jvm.hsperf-on-disk']

/** `severity` by rule of one process, consequences among them. */
export function foundOf(
  findings: Picture['findings'],
  pid: number,
): Partial<Record<FindingRuleId, string>> {
  const all = findings.flatMap((each) => [each, ...each.consequences])
  return Object.fromEntries(
    all
      .filter(
        ({ entity, rule }) =>
          entity['process.pid'] === String(pid) && !OF_THE_MACHINE.includes(rule),
      )
      .map(({ rule, severity }) => [rule, severity]),
  )
}

/** This machine as an agent follows it. */
export const openSampler = (): Sampler =>
  new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: {},
    log: silentLog(),
    agentVersion: 'test',
  })

export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'candor-lab-'))
  readonly #cgroups: OwnCgroup[] = []

  constructor() {
    const source = join(import.meta.dirname, 'Load.java')
    execFileSync('javac', ['--release', '17', '-d', this.folder, source])
  }

  readonly cgroup = (parent?: OwnCgroup): OwnCgroup => {
    const cgroup = new OwnCgroup(parent)
    this.#cgroups.push(cgroup)
    return cgroup
  }

  /** Resolves with the pid when `Load` is at what its arguments say. */
  readonly start = async (
    cgroup: OwnCgroup,
    java: string,
    flags: readonly string[],
    ...args: readonly (string | number)[]
  ): Promise<number> => {
    const words = [...flags, '-cp', this.folder, 'Load', ...args.map(String)]
    const child = cgroup.spawn(java, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ready = await new Promise<boolean>((resolve) => {
      child.stdout!.once('data', () => resolve(true))
      child.once('exit', () => resolve(false))
    })
    if (!ready) throw new Error(`java ${words.join(' ')} ended`)
    return child.pid!
  }

  /** Ends all that was started, the inner cgroups first. */
  async remove(): Promise<void> {
    for (const cgroup of this.#cgroups.toReversed()) await cgroup.remove()
    rmSync(this.folder, { recursive: true })
  }
}
