/**
 * How far the upper layers of overlays, which is what containers write, can still grow.
 *
 * Source: /proc/1/mountinfo, `upperdir=` among the options of each overlay; statfs(2) of the file
 *         system on which it lies
 *
 * How much of that file system one overlay takes, the kernel does not tell: its own statfs is that of
 * the file system below. Only a walk through all its files or a project quota would, and a walk costs
 * more than it is worth. So this says what is left for all of them together.
 */
import { machineOverlay } from '../../catalog/tables/machine-loop.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { operations } from '../apart/operations.ts'
import { blocking } from './filesystem.ts'
import { isBelow, type Mount, mountsOf, reachable, unescape } from './mounts.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const UNKNOWN = [Number.NaN, Number.NaN] as const

/** Undefined for an overlay that cannot be written to. */
export function upperOf({ fstype, options }: Mount): string | undefined {
  if (fstype !== 'overlay') return undefined
  const upper = /(?:^|,)upperdir=((?:[^,\\]|\\.)*)/.exec(options)?.[1]
  return upper === undefined ? undefined : unescape(upper)
}

/** The mount on which a path lies. */
export const mountBelow = (path: string, mounts: readonly Mount[]): Mount | undefined =>
  mounts
    .filter(({ mountpoint }) => isBelow(path, mountpoint))
    .toSorted((a, b) => b.mountpoint.length - a.mountpoint.length)[0]

function overlays({ files, machine }: MachineContext): Read {
  const readMounts = mountsOf(files)
  const rows = new KeptRows(machineOverlay, machine)
  const root = files.paths.rootfs.replace(/\/+$/, '')

  /** Bytes and inodes left. */
  function leftOn(mount: Mount): readonly [number, number] {
    try {
      const path = isBelow(mount.mountpoint, root) ? mount.mountpoint : root + mount.mountpoint
      const [, , avail, , filesFree] = operations.statfs.run(path)
      return [avail!, filesFree!]
    } catch {
      // A mount of another namespace cannot be reached from here.
      return UNKNOWN
    }
  }

  return () => {
    const all = readMounts()
    if (all === undefined) return noFile('1/mountinfo')
    const mounts = reachable(all)
    const below = Map.groupBy(
      mounts.flatMap((mount) => upperOf(mount) ?? []),
      (upper) => mountBelow(upper, mounts),
    )
    const mayBlock = blocking(all)
    rows.begin()
    for (const [mount, uppers] of below) {
      if (mount === undefined) continue
      const left = mayBlock(mount) ? UNKNOWN : leftOn(mount)
      rowOf(rows, mount.device, mount.mountpoint, mount.fstype).set([uppers.length, ...left])
    }
    const found = rows.finish()
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no overlay is mounted',
      cure: 'none is needed where no containers run',
      notHere: true,
    }
  }
}

export const overlay: MachineReader = {
  name: 'overlay',
  help: 'Room for what containers write: /proc/1/mountinfo.',
  slow: true,
  open: overlays,
}
