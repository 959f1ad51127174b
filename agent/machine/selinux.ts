/**
 * SELinux: whether it is on, and its access vector cache.
 *
 * Source: /sys/fs/selinux; /proc/filesystems lists selinuxfs only where SELinux is on;
 *         /etc/selinux/config `SELINUX=enforcing` below --path.rootfs
 */
import { machineSelinux } from '../../catalog/tables/machine-kernel.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { number, onRoot, word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const column = (name: string): number => columnOf(machineSelinux, name)
const MODES: Readonly<Record<string, number>> = { enforcing: 1, permissive: 0 }

/** A heading of names, then a line a CPU: the sums. */
export function parseCacheStats(text: string, values: Float64Array): void {
  const [heading = '', ...lines] = text.trim().split('\n')
  const columns = heading
    .trim()
    .split(/\s+/)
    .map((name) => {
      const at = machineSelinux.metrics.findIndex((metric) => metric.column === `avc_${name}`)
      if (at < 0) throw new MalformedFile('selinux', heading, '`lookups hits misses …`')
      return at
    })
  for (const at of columns) values[at] = 0
  for (const line of lines) {
    const counts = line.trim().split(/\s+/)
    if (counts.length !== columns.length || counts.some((each) => !/^\d{1,20}$/.test(each))) {
      throw new MalformedFile('selinux', line, 'a count for each column')
    }
    columns.forEach((at, i) => (values[at]! += Number(counts[i])))
  }
}

/** `entries: 503`, `buckets used: 283/512`, `longest chain: 7`. */
export function parseHashStats(text: string, values: Float64Array): void {
  const [, entries, used, available, longest] =
    /^entries: (\d{1,15})\nbuckets used: (\d{1,15})\/(\d{1,15})\nlongest chain: (\d{1,15})/.exec(
      text,
    ) ?? []
  if (longest === undefined) throw new MalformedFile('selinux', text, '`entries: …`')
  values[column('avc_hash_entries')] = Number(entries)
  values[column('avc_hash_buckets_used')] = Number(used)
  values[column('avc_hash_buckets_available')] = Number(available)
  values[column('avc_hash_longest_chain')] = Number(longest)
}

function readCache(files: KernelFiles, folder: string, values: Float64Array): void {
  const stats = word(files, `${folder}/avc/cache_stats`)
  if (stats !== undefined) parseCacheStats(stats, values)
  const hash = word(files, `${folder}/avc/hash_stats`)
  if (hash !== undefined) parseHashStats(hash, values)
  values[column('avc_threshold')] = number(files, `${folder}/avc/cache_threshold`)
}

export const selinux: MachineReader = {
  name: 'selinux',
  help: 'SELinux and its access vector cache: /sys/fs/selinux.',
  slow: true,
  open: ({ files, machine }) => {
    const folder = `${files.paths.sysfs}/fs/selinux`
    const row = emptyRow(machineSelinux, machine)
    return () => {
      const { values } = row
      values.fill(Number.NaN)
      const mode = number(files, `${folder}/enforce`)
      if (Number.isNaN(mode)) {
        const known = files.readText(`${files.paths.procfs}/filesystems`)
        if (known === undefined || /\bselinuxfs$/m.test(known)) {
          return { reason: `no ${folder}`, cure: 'mount selinuxfs there' }
        }
        values[column('enabled')] = 0
        return rowsOnly([row])
      }
      const config = files.readText(onRoot(files, '/etc/selinux/config')) ?? ''
      const configured = /^\s*SELINUX=(\w+)/m.exec(config)?.[1]
      values[column('enabled')] = 1
      values[column('current_mode')] = mode
      values[column('config_mode')] = MODES[configured?.toLowerCase() ?? ''] ?? -1
      readCache(files, folder, values)
      return rowsOnly([row])
    }
  },
}
