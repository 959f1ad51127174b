/** A real Prometheus negotiates with us, and stores what plain text would have told it. */
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentPass, READERS, Sampler } from '../../../agent/pass.ts'
import { Expositions, type Wanted } from '../../../agent/web/expositions.ts'
import { type AgentServer, serve } from '../../../agent/web/serve.ts'
import { silentLog } from '../../../settings/log.ts'
import type { ForeignFamily } from '../../../wire/sample.ts'
import { needs, startPrometheus } from '../../peers/peers.ts'
import { readExposition } from '../../read-exposition.ts'
import { ask } from './ask.ts'

const servers: AgentServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const bucket = (le: string, value: number) => ({
  name: 'job_seconds_bucket',
  labels: [['le', le]] as const,
  value,
})
const foreign: readonly ForeignFamily[] = [
  {
    name: 'job_seconds',
    type: 'histogram',
    help: 'Time that a "job" took.',
    samples: [
      bucket('0.5', 1),
      bucket('+Inf', 2),
      { name: 'job_seconds_sum', labels: [], value: 1.5 },
      { name: 'job_seconds_count', labels: [], value: 2 },
    ],
  },
  {
    name: 'jobs',
    type: 'counter',
    help: 'A counter without a suffix.',
    samples: [{ name: 'jobs', labels: [['state', 'a"b\\c\nd']], value: 3 }],
  },
]

/** One pass of this machine, for ever. */
function takePass(): AgentPass {
  const sampler = new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: Object.fromEntries(READERS.map(({ name }) => [name, name !== 'cgroup'])),
    log: silentLog(),
    agentVersion: 'test',
  })
  const pass = sampler.pass(Date.now())
  sampler.close()
  return { ...pass, foreign }
}

test.skipIf(needs('prometheus'))(
  'Prometheus takes OpenMetrics, and finds every series',
  async () => {
    const pass = takePass()
    const expositions = new Expositions(() => [])
    const asked: Wanted[] = []
    const server = await serve(
      {
        metrics: (wanted) => {
          asked.push(wanted)
          return expositions.body(pass, wanted)
        },
        readers: new Map(),
        notReady: () => undefined,
        landing: () => '',
        scraped: () => {},
      },
      { addresses: [{ host: '127.0.0.1', port: 0 }], log: silentLog() },
    )
    servers.push(server)
    const url = `${server.urls[0]}/metrics`
    const plain = readExposition((await ask(url)).body.toString())
    await using prometheus = await startPrometheus({ scrape: [{ job: 'agent', url }] })
    await vi.waitFor(async () => expect(await prometheus.query('up == 1')).toHaveLength(1), {
      timeout: 60_000,
    })
    expect(asked.at(-1)).toMatchObject({ format: 'openmetrics', encoding: 'gzip' })
    const [scraped] = await prometheus.query('scrape_samples_scraped')
    expect(scraped!.value).toBe(plain.size)
    const stored = await prometheus.query('{job="agent"}')
    const names = new Set(stored.map(({ labels }) => labels['__name__']!))
    expect([...plain.values()].filter(({ name }) => !names.has(name))).toEqual([])
    const one = async (expr: string) => (await prometheus.query(expr)).map(({ value }) => value)
    expect(await one('job_seconds_bucket{le="0.5"}')).toEqual([1])
    expect(await one('jobs{state="a\\"b\\\\c\\nd"}')).toEqual([3])
  },
)
