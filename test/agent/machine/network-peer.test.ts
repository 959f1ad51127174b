/**
 * What node_exporter says of the network, this agent says too: no family and no series is missing,
 * kinds are the same and values agree.
 */
import { expect, onTestFinished, test } from 'vitest'
import { READERS, Sampler } from '../../../agent/pass.ts'
import { machineNetstat } from '../../../catalog/tables/machine-netstat.ts'
import { silentLog } from '../../../settings/log.ts'
import { renderRows } from '../../../wire/exposition.ts'
import { type Fixture, fixture } from '../fixture.ts'
import { needs, startNodeExporter } from '../../peers/peers.ts'
import { readExposition } from '../../read-exposition.ts'

const NETWORK = [
  'netdev',
  'netclass',
  'bonding',
  'netstat',
  'sockstat',
  'softnet',
  'udp_queues',
  'arp',
  'conntrack',
  'ipvs',
  'infiniband',
  'fibrechannel',
]
const FAMILIES =
  /^node_(network|bonding|netstat|sockstat|softnet|udp|arp|nf_conntrack|ipvs|infiniband|fibrechannel|tcp_connection)_/
/** Untyped, and no counters. */
const UNTYPED_GAUGES = machineNetstat.metrics
  .filter(({ falls }) => falls === true)
  .map(({ prom }) => prom)
/** Times that gauges are compared until each has agreed. */
const TAKES = 20

interface Page {
  readonly kinds: ReadonlyMap<string, string>
  readonly values: ReadonlyMap<string, { readonly name: string; readonly value: number }>
}

/** Series of the network by name and labels; an empty label is none. Not all versions say adminstate. */
function pageOf(text: string): Page {
  const series = [...readExposition(text).values()].filter(({ name }) => FAMILIES.test(name))
  const labelled = series.map(({ name, labels, value }) => {
    const shown = Object.entries(labels).filter(
      ([label, text]) => text !== '' && label !== 'adminstate',
    )
    return [
      `${name} ${JSON.stringify(shown.toSorted(([a], [b]) => (a < b ? -1 : 1)))}`,
      { name, value },
    ] as const
  })
  const kinds = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, kind]) => [name!, kind!] as const,
  )
  return { kinds: new Map(kinds), values: new Map(labelled) }
}

/** Takes of this agent, each made when it is asked for. */
function openAgent(readers: readonly string[], root = ''): () => Page {
  const sampler = new Sampler({
    procfs: `${root}/proc`,
    sysfs: `${root}/sys`,
    readers: Object.fromEntries(READERS.map(({ name }) => [name, readers.includes(name)])),
    // The peer shows -125000 where a link does not tell its speed.
    settings: { 'collector.netclass.ignore-invalid-speed': false },
    log: silentLog(),
    agentVersion: '0.0.0-test',
  })
  onTestFinished(() => sampler.close())
  return () => pageOf(renderRows(sampler.pass(Date.now()).rows).toString('utf8'))
}

/** What is missing or differs after some takes; names of all that was compared. */
async function compare(
  agent: () => Page,
  theirs: () => Promise<Page>,
  skipped: (series: string) => boolean = () => false,
) {
  const wrong = new Set<string>()
  const names = new Set<string>()
  /** Gauges that did not agree yet, with how they differed; undefined once they did. */
  const gauges = new Map<string, string | undefined>()
  for (let take = 0; take < TAKES; take += 1) {
    const before = agent()
    const peer = await theirs()
    const after = agent()
    for (const [series, { name, value }] of peer.values) {
      if (skipped(series)) continue
      names.add(name)
      const kind = peer.kinds.get(name)
      const ours = [before.values.get(series)?.value, after.values.get(series)?.value].filter(
        (each) => each !== undefined,
      )
      if (ours.length === 0) {
        wrong.add(`${series} is missing`)
        continue
      }
      if (after.kinds.get(name) !== kind) wrong.add(`${name} is no ${kind}`)
      const isGauge = kind === 'gauge' || UNTYPED_GAUGES.includes(name)
      const slack = isGauge ? Math.abs(value) * 0.01 : 0
      const [least, most] = [Math.min(...ours) - slack, Math.max(...ours) + slack]
      const agrees = value >= least && value <= most
      const difference = `${series}: ${value} is not in ${least}…${most}`
      if (!isGauge && !agrees) wrong.add(difference)
      if (isGauge && (!gauges.has(series) || gauges.get(series) !== undefined)) {
        gauges.set(series, agrees ? undefined : difference)
      }
    }
    if (take > 0 && gauges.values().every((difference) => difference === undefined)) break
  }
  const differ = [...gauges.values()].filter((difference) => difference !== undefined)
  return { problems: [...wrong, ...differ], names }
}

const scrape = (url: string) => async () => pageOf(await (await fetch(`${url}/metrics`)).text())

test.skipIf(needs('node_exporter'))('nothing that node_exporter says is missing', async () => {
  await using peer = await startNodeExporter()
  const { problems, names } = await compare(openAgent(NETWORK), scrape(peer.url))
  expect(problems).toEqual([])
  for (const prefix of ['network', 'netstat', 'sockstat', 'softnet']) {
    expect([...names].filter((name) => name.startsWith(`node_${prefix}_`))).not.toEqual([])
  }
  expect(names.size).toBeGreaterThanOrEqual(80)
})

test.skipIf(needs('node_exporter'))(
  'nor of the states of connections, where it is asked',
  async () => {
    await using peer = await startNodeExporter([
      '--collector.disable-defaults',
      '--collector.tcpstat',
    ])
    // They count connections that wait to be accepted as bytes.
    const { problems, names } = await compare(openAgent(['tcpstat']), scrape(peer.url), (series) =>
      series.includes('queued_bytes'),
    )
    expect(problems).toEqual([])
    expect([...names]).toEqual(['node_tcp_connection_states'])
  },
)

/** Readers that find something in a fixture; of its files both read the same. */
const OF_FIXTURES: readonly (readonly [Fixture, readonly string[]])[] = [
  ['v1-centos7-3.10', ['bonding', 'conntrack']],
  ['v2-kubernetes-6.8', ['ipvs', 'infiniband', 'fibrechannel']],
  ['hybrid-firecracker-6.18', ['conntrack']],
]
const EVERYWHERE = ['netdev', 'netclass', 'netstat', 'sockstat', 'softnet', 'udp_queues', 'arp']

test.skipIf(needs('node_exporter')).for(OF_FIXTURES)(
  'of the files of %s both say the same',
  async ([name, some]) => {
    const root = fixture(name)
    const readers = [...EVERYWHERE, ...some]
    await using peer = await startNodeExporter([
      `--path.procfs=${root}/proc`,
      `--path.sysfs=${root}/sys`,
      '--collector.disable-defaults',
      ...readers.map((reader) => `--collector.${reader}`),
      // Netlink would tell of this machine.
      '--no-collector.netdev.netlink',
    ])
    const theirs = await (await fetch(`${peer.url}/metrics`)).text()
    expect([...theirs.matchAll(/^node_scrape_collector_success\{collector="(.*)"\} 0$/gm)]).toEqual(
      [],
    )
    const { problems } = await compare(openAgent(readers, root), () =>
      Promise.resolve(pageOf(theirs)),
    )
    expect(problems).toEqual([])
  },
)
