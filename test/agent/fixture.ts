/** Fixture machines for tests of the agent, and how their rows look on paper. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { SamplerOptions } from '../../agent/pass.ts'
import { KernelFiles } from '../../agent/read/files.ts'
import { silentLog } from '../../settings/log.ts'
import type { Row } from '../../wire/sample.ts'

export const FIXTURES = [
  'hardware-made',
  'hybrid-firecracker-6.18',
  'v1-centos7-3.10',
  'v2-kubernetes-6.8',
  'v2-uml-6.1',
] as const
export type Fixture = (typeof FIXTURES)[number]

export const fixture = (name: Fixture): string =>
  new URL(`../fixtures/${name}`, import.meta.url).pathname

/** A folder of the test's own, removed after it. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'candor-machine-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A copy of a fixture that the test may change. */
export function copy(name: Fixture): string {
  const path = folder()
  cpSync(fixture(name), path, { recursive: true, verbatimSymlinks: true })
  return path
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

export function filesOf(root: string, mostOpen?: number): KernelFiles {
  const files = new KernelFiles(
    {
      procfs: `${root}/proc`,
      sysfs: `${root}/sys`,
      cgroupfs: `${root}/sys/fs/cgroup`,
      rootfs: root,
    },
    mostOpen,
  )
  onTestFinished(() => files.closeAll())
  return files
}

/** Options of a sampler for a machine below `root`; without its processes. */
export const optionsOf = (root: string): SamplerOptions => ({
  procfs: `${root}/proc`,
  sysfs: `${root}/sys`,
  rootfs: root,
  readers: { jvm: false },
  log: silentLog(),
  agentVersion: '0.0.0-test',
})

/** The columns that are present. */
export const present = ({ table, values }: Row): Record<string, number> =>
  Object.fromEntries(
    table.metrics.map(({ column }, i) => [column, values[i]!]).filter(([, v]) => !Number.isNaN(v)),
  )

/** Present columns of the row whose entity has this path. */
export function rowAt(rows: readonly Row[], path: string): Row | undefined {
  return rows.find(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
}

/** What statfs tells, and so the disk below the checkout. */
const OF_THE_DISK: Readonly<Record<string, readonly string[]>> = {
  machine_filesystem: ['size_bytes', 'free_bytes', 'avail_bytes', 'files', 'files_free'],
  machine_overlay: ['avail_bytes', 'files_free'],
}

/** When a directory was made is when the checkout was; and each pass has its time. */
const OF_THE_CHECKOUT: Readonly<Record<string, readonly string[]>> = {
  container: ['start_time_seconds', 'creation_time_seconds', 'last_seen_seconds'],
}

/** The row without what differs from checkout to checkout and from machine to machine. */
export function steady(row: Row): Row {
  const { name, metrics } = row.table
  const varies = [...(OF_THE_DISK[name] ?? []), ...(OF_THE_CHECKOUT[name] ?? [])]
  const values = row.values.map((value, i) =>
    varies.includes(metrics[i]!.column) ? Number.NaN : value,
  )
  return { ...row, values }
}

/** Rows as text; without what differs from checkout to checkout and from machine to machine. */
export function render(rows: readonly Row[]): string {
  const varies = new Set(['candor.cgroup.inode', 'host.arch'])
  const lines = rows
    .filter(({ table }) => table.name !== 'machine_reader')
    .flatMap((row) => {
      const attributes = Object.entries(row.entity.attributes)
        .filter(([name]) => !varies.has(name))
        .map(([name, value]) => `  ${name}: ${value}`)
      const values = Object.entries(present(steady(row))).map(
        ([column, value]) => `  ${column} ${value}`,
      )
      const { kind, startMs } = row.entity
      const isKnown = startMs !== undefined && kind !== 'container'
      const started = isKnown ? [`  startMs: ${startMs}`] : []
      return [[row.table.name, ...row.keys].join(' '), ...attributes, ...started, ...values, '']
    })
  return lines.join('\n')
}
