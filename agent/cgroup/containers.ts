/**
 * The containers of the machine: those that are there are read pass after pass, those that come and
 * go between two passes are followed, and what ended is kept until it was handed out.
 */
import type { Log } from '../../settings/log.ts'
import type { Ended, Entity, Row } from '../../wire/sample.ts'
import type { Off } from '../machine/reader.ts'
import type { KernelFiles } from '../read/files.ts'
import { Cgroups } from './cgroups.ts'
import type { CgroupPlace } from './container-of.ts'
import type { KnownIdentities } from './describe.ts'
import { Endings } from './endings.ts'
import { Life } from './life.ts'
import { detectLayout } from './mode.ts'
import type { UnreadReason } from './unread.ts'

export interface ContainersOptions {
  readonly files: KernelFiles
  readonly machine: () => Entity
  /** Values of flags by their names. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
  /** What is known of whose they are, beyond their paths. */
  readonly identities?: KnownIdentities | undefined
  /** Follows containers between passes, and tells whenever `rows` are others than before. */
  readonly onChange?: (() => void) | undefined
  readonly log: Log
}

export class Containers {
  readonly #options: ContainersOptions
  readonly #endings: Endings
  #cgroups: Cgroups | undefined
  #life: Life | undefined

  constructor(options: ContainersOptions) {
    this.#options = options
    this.#endings = new Endings(options.machine)
  }

  /** Anew when the machine is another entity, or has mounted its cgroups; what ended stays. */
  open(): void {
    const { files, machine, settings = {}, identities, onChange, log } = this.#options
    this.close()
    this.#endings.finished.renew()
    const layout = detectLayout(files)
    if (layout.mode === 'none') return
    const endings = this.#endings
    this.#cgroups = new Cgroups(files, machine(), layout, { endings, settings, identities })
    if (onChange !== undefined) this.#life = new Life({ cgroups: this.#cgroups, log, onChange })
  }

  close(): void {
    this.#life?.close()
    this.#cgroups?.close()
    this.#life = undefined
    this.#cgroups = undefined
  }

  /** Finds what ended since the last pass. */
  look(timeMs: number): void {
    this.#cgroups?.look(timeMs)
  }

  /** How many were seen but not read, by reason. */
  read(timeMs: number): ReadonlyMap<UnreadReason, number> | Off {
    const cgroups = this.#cgroups
    if (cgroups === undefined) {
      return {
        reason: `no cgroups at ${this.#options.files.paths.cgroupfs}`,
        cure: 'mount them, or set --path.sysfs to where /sys is mounted',
      }
    }
    const { unread } = cgroups.read(timeMs)
    this.#life?.passed(timeMs)
    return unread
  }

  /** The sums over those that ended have one in the moment in which its own rows go. */
  rows(): Row[] {
    return [...this.#endings.finished.rows, ...(this.#cgroups?.rows() ?? [])]
  }

  /** What ended since the last call, and how many more than the limit. */
  takeEnded(): { readonly ended: readonly Ended[]; readonly leftOut: number } {
    return this.#endings.take()
  }

  /** Why some that live shortly may be missed. */
  get trouble(): Off | undefined {
    return this.#life?.trouble
  }

  containerOf(pid: number): CgroupPlace | undefined {
    return this.#cgroups?.containerOf(pid)
  }
}
