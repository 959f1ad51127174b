/**
 * How full each file system is.
 *
 * Source: statfs(2) of each mount of /proc/1/mountinfo
 * Units:  bytes and inodes
 *
 * A file system whose figures lie in the kernel's memory answers in microseconds, and is asked in each
 * pass. All others may never answer, since a network or another process stands behind them: they are
 * asked in a thread apart, and show the last answer that came. The walk to a mount point passes the
 * mounts above it, so what is mounted below such a mount may block as well.
 */
import { machineCallsApart } from '../../catalog/tables/machine-calls-apart.ts'
import { machineFilesystem } from '../../catalog/tables/machine-filesystem.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { FlagTable } from '../../settings/flag.ts'
import { UsageError } from '../../settings/usage-error.ts'
import { emptyRow, type Row } from '../../wire/sample.ts'
import { type Answer, apart } from '../apart/apart.ts'
import { operations } from '../apart/operations.ts'
import { isBelow, type Mount, mountsOf, reachable } from './mounts.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

/** The defaults of node_exporter. */
const EXCLUDED_MOUNT_POINTS =
  '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)'
const EXCLUDED_TYPES =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$'

/** Types that answer statfs from memory. */
const LOCAL =
  /^(?:ext[234]|xfs|btrfs|f2fs|bcachefs|zfs|jfs|reiserfs|nilfs2|vfat|msdos|exfat|ntfs3|hfs|hfsplus|ufs|minix|udf|iso9660|squashfs|erofs|cramfs|romfs|jffs2|ubifs|tmpfs|ramfs|rootfs|devtmpfs|hugetlbfs|overlay|aufs|proc|sysfs|cgroup2?|devpts|mqueue|debugfs|tracefs|securityfs|configfs|pstore|bpf|binfmt_misc|efivarfs|selinuxfs|fusectl|nsfs|rpc_pipefs|resctrl)$/

/** Whether a walk to the place of a mount, or its statfs, may never end. */
export function blocking(mounts: readonly Mount[]): (mount: Mount) => boolean {
  const places = mounts
    .filter(({ fstype }) => !LOCAL.test(fstype))
    .map(({ mountpoint }) => mountpoint)
  return ({ mountpoint }) => places.some((place) => isBelow(mountpoint, place))
}

const FLAG = 'collector.filesystem'

const flag = (what: string, help: string, byDefault?: string): FlagTable => ({
  [`${FLAG}.${what}`]: {
    type: 'string',
    form: 'regexp',
    value: 'REGEXP',
    ...(byDefault !== undefined && { default: byDefault }),
    help,
  },
})

/** Whether a text is wanted by the flags `NAME-include` and `NAME-exclude`, of which one may be given. */
function wantedBy(
  settings: Readonly<Record<string, unknown>>,
  name: string,
  byDefault: string,
): (text: string) => boolean {
  const include = settings[`${FLAG}.${name}-include`] as string | undefined
  const exclude = (settings[`${FLAG}.${name}-exclude`] as string | undefined) ?? byDefault
  if (include === undefined) {
    const unwanted = new RegExp(exclude)
    return (text) => !unwanted.test(text)
  }
  if (exclude !== byDefault) {
    const both = `--${FLAG}.${name}-include: cannot be given together with --${FLAG}.${name}-exclude`
    throw new UsageError('ERR_BAD_FLAG', [both])
  }
  const wanted = new RegExp(include)
  return (text) => wanted.test(text)
}

const FIGURES = ['size_bytes', 'free_bytes', 'avail_bytes', 'files', 'files_free'].map((column) =>
  columnOf(machineFilesystem, column),
)
const READONLY = columnOf(machineFilesystem, 'readonly')
const FAILED = columnOf(machineFilesystem, 'failed')

/** What Go's library calls the error, since node_exporter writes that. */
const ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or directory',
  EIO: 'input/output error',
  ENOTCONN: 'transport endpoint is not connected',
  ESTALE: 'stale NFS file handle',
  EHOSTDOWN: 'host is down',
}
const STUCK = 'mountpoint timeout'

/** A mount from pass to pass. */
interface Place {
  readonly mount: Mount
  readonly path: string
  readonly mayBlock: boolean
  row: Row
  /** What was said last; undefined before the first answer. */
  answer?: Answer
}

function filesystems({ files, machine, settings }: MachineContext): Read {
  const wantedPlace = wantedBy(settings, 'mount-points', EXCLUDED_MOUNT_POINTS)
  const wantedType = wantedBy(settings, 'fs-types', EXCLUDED_TYPES)
  const root = files.paths.rootfs === '/' ? '' : files.paths.rootfs.replace(/\/+$/, '')
  const readMounts = mountsOf(files)
  const callsApart = emptyRow(machineCallsApart, machine)
  /** What they were made from. */
  let known: readonly Mount[] = []
  let places: ReadonlyMap<string, Place> = new Map()

  /** As it is seen from the machine's own root. */
  const seen = ({ mountpoint }: Mount): string =>
    (isBelow(mountpoint, root) ? mountpoint.slice(root.length) : mountpoint) || '/'

  /** A mount that was there before keeps its row and its answer. */
  function place(mounts: readonly Mount[]): ReadonlyMap<string, Place> {
    const wanted = reachable(mounts).filter(
      (mount) => wantedType(mount.fstype) && wantedPlace(seen(mount)),
    )
    const mayBlock = blocking(mounts)
    return new Map(
      wanted.map((mount) => {
        const mountpoint = seen(mount)
        const made = {
          mount,
          path: mountpoint === '/' ? root || '/' : `${root}${mountpoint}`,
          mayBlock: mayBlock(mount),
          row: emptyRow(machineFilesystem, machine, [mount.device, mountpoint, mount.fstype, '']),
        }
        return [mount.line, { ...made, ...pick(places.get(mount.line)) }]
      }),
    )
  }

  function read(one: Place): Row {
    if (!one.mayBlock) one.answer = ask(one.path)
    else if (apart.isStuck('statfs', one.path)) one.answer = { state: 'stuck' }
    else apart.ask('statfs', one.path, (answer) => (one.answer = answer))
    fill(one)
    return one.row
  }

  /** A mount that fails has a row of its own, since the reason is a label. */
  function fill(place: Place): void {
    const { answer, mount } = place
    const error = answer === undefined ? '' : errorOf(answer)
    if (place.row.keys[3] !== error) {
      place.row = emptyRow(machineFilesystem, machine, [...place.row.keys.slice(0, 3), error])
    }
    const { values } = place.row
    values.fill(Number.NaN)
    if (answer === undefined || answer.state === 'refused') return
    values[FAILED] = error === '' ? 0 : 1
    if (answer.state !== 'done') return
    values[READONLY] = mount.readonly ? 1 : 0
    FIGURES.forEach((column, i) => (values[column] = answer.figures[i]!))
  }

  return () => {
    const mounts = readMounts()
    if (mounts === undefined) return noFile('1/mountinfo')
    if (mounts !== known) {
      places = place(mounts)
      known = mounts
    }
    const all = [...places.values()]
    const rows = all.map(read)
    return rowsOnly(all.some(({ mayBlock }) => mayBlock) ? [...rows, count()] : rows)
  }

  function count(): Row {
    const { stuck, stuckTotal, refused } = apart.counts
    callsApart.values.set([stuck, stuckTotal, refused])
    return callsApart
  }
}

const pick = (before: Place | undefined): Partial<Place> =>
  before === undefined ? {} : { row: before.row, ...(before.answer && { answer: before.answer }) }

function ask(path: string): Answer {
  try {
    return { state: 'done', figures: operations.statfs.run(path) }
  } catch (error) {
    return { state: 'failed', code: (error as NodeJS.ErrnoException).code ?? 'EIO' }
  }
}

function errorOf(answer: Answer): string {
  if (answer.state === 'stuck') return STUCK
  return answer.state === 'failed' ? (ERRORS[answer.code] ?? answer.code) : ''
}

export const filesystem: MachineReader = {
  name: 'filesystem',
  help: 'How full file systems are: statfs of each mount.',
  flags: {
    ...flag('mount-points-exclude', 'Mount points to leave out.', EXCLUDED_MOUNT_POINTS),
    ...flag('mount-points-include', 'The mount points to show; all others are left out.'),
    ...flag('fs-types-exclude', 'Types of file systems to leave out.', EXCLUDED_TYPES),
    ...flag('fs-types-include', 'The types of file systems to show; all others are left out.'),
  },
  open: filesystems,
}
