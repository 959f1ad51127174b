/** node_exporter reads the same files and finds the same. */
import { describe, expect, test } from 'vitest'
import { btrfs } from '../../../agent/machine/btrfs.ts'
import { buddyinfo } from '../../../agent/machine/buddyinfo.ts'
import { diskInfo } from '../../../agent/machine/disk-info.ts'
import { diskstats } from '../../../agent/machine/diskstats.ts'
import { filesystem } from '../../../agent/machine/filesystem.ts'
import { ksmd } from '../../../agent/machine/ksmd.ts'
import { meminfoNuma } from '../../../agent/machine/meminfo-numa.ts'
import { nfs } from '../../../agent/machine/nfs.ts'
import { nfsd } from '../../../agent/machine/nfsd.ts'
import { processLimits } from '../../../agent/machine/process-limits.ts'
import { processes } from '../../../agent/machine/processes.ts'
import type { MachineReader } from '../../../agent/machine/reader.ts'
import { xfs } from '../../../agent/machine/xfs.ts'
import { zoneinfo } from '../../../agent/machine/zoneinfo.ts'
import { KernelFiles } from '../../../agent/read/files.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { renderRows } from '../../../wire/exposition.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { needs, startNodeExporter } from '../../peers/peers.ts'
import { readExposition, type ReadSeries } from '../../read-exposition.ts'
import { MACHINE, rowsOf, type Settings } from './open.ts'

const MADE = new URL('../../fixtures/storage-made', import.meta.url).pathname

/** Series of these readers as /metrics shows them. */
function ours(readers: readonly MachineReader[], root: string, settings: Settings = {}) {
  const files = new KernelFiles({
    procfs: `${root}/proc`,
    sysfs: `${root}/sys`,
    cgroupfs: `${root}/sys/fs/cgroup`,
    rootfs: '/',
  })
  const { values } = emptyRow(machine, MACHINE)
  const context = { files, machine: MACHINE, values, settings }
  const rows = readers.flatMap(({ open }) => rowsOf(open(context)(0)))
  files.closeAll()
  return readExposition(renderRows(rows).toString())
}

async function theirs(args: readonly string[]): Promise<Map<string, ReadSeries>> {
  const peer = await startNodeExporter(args)
  try {
    return readExposition(await (await fetch(`${peer.url}/metrics`)).text())
  } finally {
    await peer.stop()
  }
}

/** An empty label is none, and newer ones than 1.5 say as we do whether a disk rotates. */
const keyOf = (key: string) =>
  key
    .replaceAll(/(\{|,)(?:[a-z_]+=""|rotational="[01]")(?=,|\})/g, '$1')
    .replaceAll(/,+(?=,|\})/g, '')
    .replace('{,', '{')

/** Of a page: the series whose names are such, by their names and labels. */
const named = (page: Map<string, ReadSeries>, names: RegExp): Record<string, number> =>
  Object.fromEntries(
    [...page]
      .filter(([, { name }]) => names.test(name))
      .map(([key, { value }]) => [keyOf(key), value]),
  )

/** node_exporter multiplies by 0.001 in another order: the last digit may differ. */
const rounded = (series: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(series).map(([key, value]) => [key, Number(value.toPrecision(14))]),
  )

const without = (series: Record<string, number>, known: RegExp) =>
  Object.fromEntries(Object.entries(series).filter(([key]) => !known.test(key)))

describe.skipIf(needs('node_exporter'))('the same files', () => {
  const COLLECTORS = [
    'nfs',
    'nfsd',
    'xfs',
    'btrfs',
    'ksmd',
    'zoneinfo',
    'buddyinfo',
    'meminfo_numa',
    'diskstats',
    'processes',
  ]
  const ON_FILES = [
    nfs,
    nfsd,
    xfs,
    btrfs,
    ksmd,
    zoneinfo,
    buddyinfo,
    meminfoNuma,
    diskstats,
    diskInfo,
    processLimits,
  ]
  const pages = (async () => ({
    theirs: await theirs([
      `--path.procfs=${MADE}/proc`,
      `--path.sysfs=${MADE}/sys`,
      `--path.udev.data=${MADE}/udev`,
      // Debian's default still shows zram.
      '--collector.diskstats.device-exclude=^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$',
      '--collector.disable-defaults',
      ...COLLECTORS.map((name) => `--collector.${name}`),
    ]),
    ours: ours(ON_FILES, MADE, { 'path.udev.data': `${MADE}/udev` }),
  }))()

  test.each([
    ['nfs', /^node_nfs_/, 100],
    ['xfs', /^node_xfs_/, 70],
    ['ksmd', /^node_ksmd_(?!general_profit)/, 9],
    ['zoneinfo', /^node_zoneinfo_(?!protection_5)/, 60],
    ['buddyinfo', /^node_buddyinfo_/, 30],
    ['limits of processes', /^node_processes_max_/, 2],
    ['diskstats', /^node_disk_.*_total$|^node_disk_io_now$/, 30],
    ['what disks are', /^node_disk_(info$|filesystem|device_mapper|ata)/, 8],
    ['Btrfs', /^node_btrfs_(?!.*commit)/, 16],
    ['NUMA nodes', /^node_memory_numa_/, 80],
  ])('%s', async (_, prefix, atLeast) => {
    const page = await pages
    const want = named(page.theirs, prefix)
    expect(Object.keys(want).length).toBeGreaterThanOrEqual(atLeast)
    expect(rounded(named(page.ours, prefix))).toEqual(rounded(want))
  })

  test('nfsd, but for the operations that node_exporter takes for others', async () => {
    const page = await pages
    const mistaken = /method="(Verify|Write|RelLockOwner)",proto="4"/
    const want = named(page.theirs, /^node_nfsd_/)
    const got = named(page.ours, /^node_nfsd_/)
    expect(Object.keys(want).length).toBeGreaterThanOrEqual(85)
    expect(without(got, mistaken)).toEqual(without(want, mistaken))
    // 35 and 36 are SETCLIENTID and its confirmation (RFC 7530, 16); the file counts in sevens.
    const calls = (page: Record<string, number>) =>
      ['Verify', 'Write', 'RelLockOwner'].map(
        (method) => page[`node_nfsd_requests_total{method="${method}",proto="4"}`],
      )
    expect(calls(got)).toEqual([37, 38, 39].map((number) => 14_001 + 7 * number))
    expect(calls(want)).toEqual([35, 36, 37].map((number) => 14_001 + 7 * number))
  })
})

describe.skipIf(needs('node_exporter'))('this machine, now', () => {
  const FREE = /_(free|avail|files_free)/
  const DISKS = /^node_disk_(?!.*io_now)/

  test('how full its file systems are', async () => {
    const want = named(await theirs([]), /^node_filesystem_/)
    const got = named(ours([filesystem], ''), /^node_filesystem_/)
    expect(Object.keys(want).length).toBeGreaterThanOrEqual(7)
    for (const [key, value] of Object.entries(want)) {
      // What is free changes between two looks.
      const slack = FREE.test(key) ? value * 0.05 : 0
      expect({ key, off: Math.abs(got[key]! - value) <= slack }).toEqual({ key, off: true })
    }
  })

  test('with their flags, the same mounts', async () => {
    const flags = {
      'collector.filesystem.fs-types-exclude': '^(ext4|proc)$',
      'collector.filesystem.mount-points-exclude': '^/(sys/fs|dev/pts)',
    }
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)
    const want = named(await theirs(args), /^node_filesystem_readonly$/)
    expect(Object.keys(want).length).toBeGreaterThanOrEqual(3)
    expect(named(ours([filesystem], '', flags), /^node_filesystem_readonly$/)).toEqual(want)
  })

  test('what its disks did', async () => {
    const before = named(ours([diskstats, diskInfo], ''), DISKS)
    const want = named(await theirs([]), DISKS)
    const after = named(ours([diskstats, diskInfo], ''), DISKS)
    const missing = Object.keys(want).filter((key) => !(key in before) && !key.includes('"zram'))
    expect(missing).toEqual([])
    for (const [key, value] of Object.entries(want)) {
      if (!(key in before)) continue
      expect({ key, least: value >= before[key]! - 0.001 }).toEqual({ key, least: true })
      expect({ key, most: value <= after[key]! + 0.001 }).toEqual({ key, most: true })
    }
  })

  test('its processes', async () => {
    const args = ['--collector.disable-defaults', '--collector.processes']
    const want = named(await theirs(args), /^node_processes_(max_|pids|threads$)/)
    const got = named(ours([processes, processLimits], ''), /^node_processes_/)
    expect(Object.keys(want).toSorted()).toEqual(
      ['max_processes', 'max_threads', 'pids', 'threads'].map((name) => `node_processes_${name}{}`),
    )
    for (const [key, value] of Object.entries(want)) {
      expect({ key, off: Math.abs(got[key]! - value) <= (key.includes('max') ? 0 : 100) }).toEqual({
        key,
        off: true,
      })
    }
    expect(got['node_processes_state{state="R"}']).toBeGreaterThanOrEqual(1)
    expect(got['node_processes_threads_state{thread_state="S"}']).toBeGreaterThanOrEqual(1)
  })
})
