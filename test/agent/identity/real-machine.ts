/** The cgroups of this very machine, with sources that are asked whose they are. */
import { spawn } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { onTestFinished, vi } from 'vitest'
import { Identities, type SourceReport } from '../../../agent/identity/identities.ts'
import type { Source } from '../../../agent/identity/source.ts'
import { type AgentPass, READERS, Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'
import { renderRows } from '../../../wire/exposition.ts'
import type { Row } from '../../../wire/sample.ts'
import { present } from '../fixture.ts'

const DEADLINE_MS = 30_000

export class RealMachine {
  readonly #identities: Identities
  readonly #sampler: Sampler

  constructor(sources: readonly Source[]) {
    this.#identities = new Identities(sources)
    this.#sampler = new Sampler({
      procfs: '/proc',
      sysfs: '/sys',
      readers: Object.fromEntries(READERS.map(({ name }) => [name, name === 'cgroup'])),
      identities: this.#identities,
      log: silentLog(),
      agentVersion: 'test',
    })
    this.pass()
    onTestFinished(() => this.close())
  }

  close(): void {
    this.#identities.stop()
    this.#sampler.close()
  }

  pass(): AgentPass {
    return this.#sampler.pass(Date.now())
  }

  /** Finds what came, and waits until who may know it was asked. */
  async settled(): Promise<void> {
    this.pass()
    await this.#identities.settled(DEADLINE_MS)
  }

  /** Until what is expected of a new pass is so. */
  async until(expected: () => void): Promise<void> {
    await vi.waitFor(expected, { timeout: DEADLINE_MS, interval: 100 })
  }

  #rows(holds: (path: string) => boolean) {
    return this.pass().rows.filter(({ entity }) =>
      holds(entity.attributes['candor.cgroup.path'] ?? ''),
    )
  }

  #rowsAt(path: string) {
    return this.#rows((each) => each === path)
  }

  attributes(path: string): Readonly<Record<string, string>> | undefined {
    return this.#rowsAt(path)[0]?.entity.attributes
  }

  figures(path: string): Record<string, number> {
    const row = this.#rowsAt(path).find(({ table }) => table.name === 'container')
    return row === undefined ? {} : present(row)
  }

  /** What /metrics says of a cgroup, of one name. */
  lines(name: string, path: string): string[] {
    return linesOf(this.#rowsAt(path), name)
  }

  /** The same of a cgroup and all below it. */
  linesBelow(name: string, path: string): string[] {
    return linesOf(
      this.#rows((each) => `${each}/`.startsWith(`${path}/`)),
      name,
    )
  }

  /** Has sources asked for a container that nobody will ever know, until what is expected is so. */
  async meetUnknown(parent: string, expected: () => void): Promise<void> {
    const unknown = `/sys/fs/cgroup/memory${parent}/${'0'.repeat(64)}`
    mkdirSync(unknown)
    try {
      await this.until(expected)
    } finally {
      rmdirSync(unknown)
    }
  }

  /** Of the first source, as the list of readers has it. */
  get report(): SourceReport {
    return this.pass().readers.find(({ name }) => name.startsWith('identity.')) as SourceReport
  }
}

const linesOf = (rows: readonly Row[], name: string): string[] =>
  String(renderRows(rows))
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))

export interface Seen {
  readonly attributes: Readonly<Record<string, string>>
  readonly figures: Readonly<Record<string, number>>
  readonly report: SourceReport
}

/** What a process sees that the modes of files hold for, as they do for all but root. */
export async function seenWithoutRights(socket: string, path: string): Promise<Seen> {
  const lost = '-dac_override,-dac_read_search'
  const child = spawn(
    'setpriv',
    [
      `--bounding-set=${lost}`,
      `--inh-caps=${lost}`,
      process.execPath,
      new URL('./without-rights.ts', import.meta.url).pathname,
      socket,
      path,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return JSON.parse(await text(child.stdout)) as Seen
}
