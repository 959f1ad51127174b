/**
 * A disk whose power can be cut: ext4 in a file, mounted for one process and whom that starts. The cut
 * is that of the file system itself (EXT4_IOC_SHUTDOWN without a flush of its log, as xfstests cut): what
 * was not synced by then never reaches the file, and everything fails from then on.
 */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Candor, until } from '../end-to-end/candor.ts'
import { peer } from '../peers/peers.ts'

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH. Source: linux/fs/ext4/ext4.h */
const CUT =
  'open F, "<", $ARGV[0] or die $!; $how = pack "L", 2; ioctl F, 0x8004587d, $how or die $!'
const MOUNT = 'mount -o loop "$0" "$1" && shift && exec "$@"'
/** Nobody syncs these. */
const WITNESS = 'unsynced-'

export class CutDisk {
  /** Where it is seen by those who have it. */
  readonly path: string
  readonly #image: string
  #cuts = 0

  constructor(folder: string, bytes: number) {
    this.path = join(folder, 'disk')
    this.#image = join(folder, 'disk.ext4')
    mkdirSync(this.path)
    writeFileSync(this.#image, '')
    truncateSync(this.#image, bytes)
    execFileSync(peer('ext4')!, ['-q', '-F', this.#image])
  }

  /** Runs the program that follows with the disk at `path`. */
  get by(): readonly string[] {
    return ['unshare', '--mount', 'sh', '-c', MOUNT, this.#image, this.path]
  }

  /** A path on the disk as `candor` sees it, from outside. */
  inside({ child }: Candor, name: string): string {
    return join(`/proc/${child.pid}/root`, this.path, name)
  }

  /** Nothing reaches the disk any more; whoever has it is killed, and it can be mounted again. */
  async cut(candor: Candor): Promise<void> {
    this.#cuts += 1
    writeFileSync(this.inside(candor, `${WITNESS}${this.#cuts}`), 'not synced')
    execFileSync('perl', ['-e', CUT, this.inside(candor, '.')])
    await candor.kill()
    await this.released()
  }

  /**
   * What was written right before a cut and is there all the same: none, or it was no cut. Names may be
   * there, as syncing another file writes them too.
   */
  unsynced(candor: Candor): string[] {
    return readdirSync(this.inside(candor, '.'))
      .filter((name) => name.startsWith(WITNESS))
      .filter((name) => statSync(this.inside(candor, name)).size > 0)
  }

  /** Resolves when nobody has it: to have it twice would be its end. */
  async released(): Promise<void> {
    await until(() => !loopFiles().includes(this.#image), 'the disk to be let go of')
  }

  /** Copies a file or folder of it to `to`, while nobody has it. */
  copy(name: string, to: string): void {
    const [program, ...args] = [...this.by, 'cp', '-a', join(this.path, name), to]
    execFileSync(program, args)
  }
}

/** What loop devices stand for. */
const loopFiles = (): string[] =>
  readdirSync('/sys/block').flatMap((device) => {
    try {
      return [readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').trimEnd()]
    } catch {
      return []
    }
  })
