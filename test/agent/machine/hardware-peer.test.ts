/**
 * What node_exporter says of CPUs, hardware and the operating system, this agent says too: no family
 * and no series is missing, kinds are the same and values agree; on this machine, and on a tree with
 * the hardware that virtual machines lack.
 */
import { expect, onTestFinished, test } from 'vitest'
import { READERS, Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'
import { renderRows } from '../../../wire/exposition.ts'
import { fixture, optionsOf } from '../fixture.ts'
import { needs, startNodeExporter } from '../../peers/peers.ts'
import { readExposition } from '../../read-exposition.ts'

const READ = [
  'stat',
  'loadavg',
  'cpu',
  'cpufreq',
  'schedstat',
  'interrupts',
  'time',
  'uname',
  'os',
  'dmi',
  'selinux',
  'entropy',
  'filefd',
  'edac',
  'hwmon',
  'thermal_zone',
  'rapl',
  'powersupplyclass',
  'nvme',
  'mdadm',
]
/** Everything of these readers; `node_timex_` needs a system call that Node.js does not have. */
const FAMILIES =
  /^node_(boot|context|cooling|cpu|dmi|edac|entropy|filefd|forks|hwmon|interrupts|intr|load|md|nvme|os|power_supply|procs|rapl|schedstat|selinux|softirqs|thermal|time|uname)/
const TIMEX = /^node_timex_/
/** Gauges that change from one moment to the next: how far the two may be apart. */
const SLACK: Readonly<Record<string, number>> = {
  node_filefd_allocated: 500,
  node_load1: 2,
  node_load5: 2,
  node_load15: 2,
  node_procs_running: 50,
  node_procs_blocked: 50,
  node_time_seconds: 5,
  node_boot_time_seconds: 1,
}

interface Page {
  readonly kinds: ReadonlyMap<string, string>
  readonly values: ReadonlyMap<string, { readonly name: string; readonly value: number }>
}

/** Series by name and labels: an empty label is none, and a path is that of the machine. */
function pageOf(text: string, sysfs: string): Page {
  const series = [...readExposition(text).values()].filter(
    ({ name }) => FAMILIES.test(name) && !TIMEX.test(name),
  )
  const labelled = series.map(({ name, labels, value }) => {
    const shown = Object.entries(labels)
      .filter(([, value]) => value !== '')
      .map(([label, value]) => `${label}=${value.replace(sysfs, '/sys')}`)
      .toSorted((a, b) => (a < b ? -1 : 1))
    return [`${name} ${JSON.stringify(shown)}`, { name, value }] as const
  })
  const kinds = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, kind]) => [name!, kind!] as const,
  )
  return { kinds: new Map(kinds), values: new Map(labelled) }
}

interface Tree {
  readonly procfs: string
  readonly sysfs: string
  readonly rootfs: string
}

function openAgent(tree: Tree, settings: Readonly<Record<string, unknown>> = {}): () => Page {
  const sampler = new Sampler({
    ...tree,
    readers: Object.fromEntries(READERS.map(({ name }) => [name, READ.includes(name)])),
    settings,
    log: silentLog(),
    agentVersion: '0.0.0-test',
  })
  onTestFinished(() => sampler.close())
  return () => {
    const text = renderRows(sampler.pass(Date.now()).rows).toString('utf8')
    return pageOf(text, tree.sysfs)
  }
}

const scrape = async (url: string, sysfs: string) =>
  pageOf(await (await fetch(`${url}/metrics`)).text(), sysfs)

/** What of theirs is missing, of another kind, or not between two takes of ours. */
function problems(before: Page, theirs: Page, after: Page): string[] {
  return [...theirs.values].flatMap(([series, { name, value }]) => {
    const [low, high] = [before.values.get(series)?.value, after.values.get(series)?.value]
    if (low === undefined || high === undefined) return [`${series} is missing`]
    const kind = theirs.kinds.get(name)
    if (after.kinds.get(name) !== kind) return [`${name} is no ${kind}`]
    const slack = SLACK[name] ?? Math.abs(value) * 1e-12
    const agrees = value >= Math.min(low, high) - slack && value <= Math.max(low, high) + slack
    return agrees ? [] : [`${series}: ${value} is not in ${low}…${high}`]
  })
}

const namesOf = ({ values }: Page) => [...new Set([...values.values()].map(({ name }) => name))]

test.skipIf(needs('node_exporter'))('nothing that it says of this machine is missing', async () => {
  await using peer = await startNodeExporter()
  const agent = openAgent({ procfs: '/proc', sysfs: '/sys', rootfs: '/' })
  const before = agent()
  const theirs = await scrape(peer.url, '/sys')
  const wrong = problems(before, theirs, agent())
  expect(wrong).toEqual([])
  expect(namesOf(theirs)).toEqual(
    expect.arrayContaining([
      'node_boot_time_seconds',
      'node_cpu_guest_seconds_total',
      'node_cpu_seconds_total',
      'node_entropy_available_bits',
      'node_filefd_maximum',
      'node_load1',
      'node_os_info',
      'node_os_version',
      'node_time_clocksource_current_info',
      'node_time_seconds',
      'node_time_zone_offset_seconds',
      'node_uname_info',
    ]),
  )
})

/** They ask the kernel itself for these, whatever tree they are pointed at. */
const NOT_OF_THE_TREE = /^node_(uname|selinux)_/

test.skipIf(needs('node_exporter'))('nor of a machine with all kinds of hardware', async () => {
  const root = fixture('hardware-made')
  const { procfs, sysfs, rootfs = '/' } = optionsOf(root)
  await using peer = await startNodeExporter([
    `--path.procfs=${procfs}`,
    `--path.sysfs=${sysfs}`,
    `--path.rootfs=${rootfs}`,
    '--collector.interrupts',
    '--collector.stat.softirq',
    '--collector.cpu.info',
    '--collector.cpu.info.flags-include=^aes$',
    '--collector.cpu.info.bugs-include=spec',
  ])
  const agent = openAgent(
    { procfs, sysfs, rootfs },
    {
      'collector.cpu.info': true,
      'collector.stat.softirq': true,
      'collector.cpu.info.flags-include': '^aes$',
      'collector.cpu.info.bugs-include': 'spec',
    },
  )
  const before = agent()
  const { kinds, values } = await scrape(peer.url, sysfs)
  const theirs = {
    kinds,
    values: new Map([...values].filter(([, { name }]) => !NOT_OF_THE_TREE.test(name))),
  }
  const wrong = problems(before, theirs, agent())
  expect(wrong).toEqual([])
  for (const [prefix, least] of Object.entries({
    node_cpu_: 12,
    node_edac_: 4,
    node_hwmon_: 55,
    node_md_: 5,
    node_power_supply_: 20,
    node_rapl_: 5,
    node_schedstat_: 3,
    node_cooling_: 2,
    node_thermal_: 1,
    node_dmi_: 1,
    node_nvme_: 1,
    node_interrupts_: 1,
    node_softirqs_: 1,
  })) {
    const names = namesOf(theirs).filter((name) => name.startsWith(prefix))
    expect(names.length, prefix).toBeGreaterThanOrEqual(least)
  }
})

test.skipIf(needs('node_exporter'))('nor of zones of power by a label', async () => {
  const { procfs, sysfs, rootfs = '/' } = optionsOf(fixture('hardware-made'))
  await using peer = await startNodeExporter([
    `--path.sysfs=${sysfs}`,
    '--collector.disable-defaults',
    '--collector.rapl',
    '--collector.rapl.enable-zone-label',
  ])
  const agent = openAgent({ procfs, sysfs, rootfs }, { 'collector.rapl.enable-zone-label': true })
  const ours = agent()
  const theirs = await scrape(peer.url, sysfs)
  expect(problems(ours, theirs, agent())).toEqual([])
  expect(theirs.values.size).toBe(7)
})
