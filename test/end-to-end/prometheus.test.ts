/** A real Prometheus scrapes both, promtool approves of both, and node_exporter says the same. */
import { expect, test } from 'vitest'
import { machineTables } from './machine-tables.ts'
import { readExposition } from '../read-exposition.ts'
import { needs, promtool, startNodeExporter, startPrometheus } from '../peers/peers.ts'
import { startCandor, until } from './candor.ts'

const FAST_AGENT = ['--interval=1s', '--scrape.max-age=1ms']
const FAST = [...FAST_AGENT, '--evaluation.interval=1s']

test.skipIf(needs('prometheus'))('Prometheus scrapes agent and collector', async () => {
  await using candor = await startCandor('', FAST)
  const prometheus = await startPrometheus({
    scrape: [
      { job: 'agent', url: `${candor.agent}/metrics` },
      { job: 'collector', url: `${candor.console}/metrics` },
    ],
  })
  try {
    await until(
      async () => (await prometheus.query('up == 1')).length === 2,
      'both targets to be up',
    )
    expect(await prometheus.query('count(node_cpu_seconds_total) > 0')).toHaveLength(1)
    await until(
      async () =>
        (await prometheus.query('candor_fleet_entities{kind="machine"} == 1')).length === 1,
      'the collector to know one machine',
    )
    // A scrape leaves no series behind that Prometheus would refuse or find twice.
    expect(
      await prometheus.query('scrape_samples_scraped == scrape_samples_post_metric_relabeling'),
    ).toHaveLength(2)
  } finally {
    await prometheus.stop()
  }
})

test.skipIf(needs('promtool'))('promtool check metrics is clean for both', async () => {
  await using candor = await startCandor('', FAST)
  await until(
    async () => (await fetch(`${candor.console}/-/ready`)).ok,
    'the collector to be ready',
  )
  for (const url of [candor.agent, candor.console]) {
    const input = await (await fetch(`${url}/metrics`)).text()
    const { code, stdout, stderr } = await promtool(['check', 'metrics'], { input })
    expect(ownProblems(stderr + stdout), url).toEqual([])
    expect([0, 3]).toContain(code)
  }
})

/**
 * promtool's lint also speaks of names that we took over on purpose: node_exporter's and cAdvisor's
 * own pages show the same lines, and so do OpenTelemetry's names of the JVM. Ours must have none.
 */
const TAKEN_OVER = /^(?:node_|container_|machine_|process_|nodejs_|jvm_(?:class|thread)_count\b)/
const ownProblems = (output: string) =>
  output.split('\n').filter((line) => line !== '' && !TAKEN_OVER.test(line))

/** In every machine there is; each must agree. */
const MUST_AGREE = [
  'node_boot_time_seconds',
  'node_context_switches_total',
  'node_cpu_seconds_total',
  'node_disk_reads_completed_total',
  'node_disk_written_bytes_total',
  'node_forks_total',
  'node_intr_total',
  'node_load1',
  'node_load15',
  'node_load5',
  'node_memory_AnonPages_bytes',
  'node_memory_Buffers_bytes',
  'node_memory_Cached_bytes',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemFree_bytes',
  'node_memory_MemTotal_bytes',
  'node_memory_Shmem_bytes',
  'node_memory_Slab_bytes',
  'node_memory_SwapTotal_bytes',
  'node_network_receive_bytes_total',
  'node_network_transmit_packets_total',
  'node_vmstat_pgfault',
  'node_vmstat_pgpgout',
]

/** One tick of USER_HZ for times, one event for counts. */
const TICK = 0.01
/** Times that gauges are compared until each has agreed. */
const TAKES = 20

test.skipIf(needs('node_exporter'))('node_exporter says the same in the same second', async () => {
  await using candor = await startCandor('agent', FAST_AGENT)
  const peer = await startNodeExporter()
  try {
    const scrape = async (url: string) =>
      readExposition(await (await fetch(`${url}/metrics`)).text())
    const compared = new Set<string>()
    const wrong: string[] = []
    /** Gauges that did not agree yet, with how they differed; undefined once they did. */
    const gauges = new Map<string, string | undefined>()
    for (let take = 0; take < TAKES; take++) {
      // Theirs is taken between two of ours: it must lie between them. That holds for a counter
      // every time; a gauge may jump there and back meanwhile, so it must hold once.
      const before = await scrape(candor.agent)
      const theirs = await scrape(peer.url)
      const after = await scrape(candor.agent)
      for (const [series, { name, value }] of theirs) {
        const [low, high] = [before.get(series)?.value, after.get(series)?.value]
        const kind = machineTables.get(name)
        if (low === undefined || high === undefined || kind === undefined) continue
        compared.add(name)
        const slack = Math.max(TICK, kind === 'gauge' ? Math.abs(value) * 0.01 : 0)
        const least = Math.min(low, high) - slack
        const most = Math.max(low, high) + slack
        const agrees = value >= least && value <= most
        const difference = `${series}: ${value} is not in ${least}…${most}`
        if (kind === 'counter' && !agrees) wrong.push(difference)
        if (kind === 'gauge' && (!gauges.has(series) || gauges.get(series) !== undefined)) {
          gauges.set(series, agrees ? undefined : difference)
        }
      }
      if (gauges.values().every((difference) => difference === undefined)) break
    }
    expect([...wrong, ...gauges.values().filter((each) => each !== undefined)]).toEqual([])
    expect([...compared]).toEqual(expect.arrayContaining(MUST_AGREE))
    expect(compared.size).toBeGreaterThanOrEqual(60)
  } finally {
    await peer.stop()
  }
})
