/**
 * Twenty queries as dashboards ask them, over the same samples here and in Prometheus, one after the other
 * in turns, as a dashboard does. A ratio is our time through its, from the request to the last byte of the
 * answer; answers are compared by the number of their series. `BENCH_CONTAINERS` makes it smaller.
 */
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openStore } from '../../collector/store/open-store.ts'
import type { Store } from '../../collector/store/store.ts'
import { silentLog } from '../../settings/log.ts'
import { startServer } from '../peers/server.ts'
import type { Figures } from './bench.ts'
import { endMs, fillStore, writeOpenMetrics } from './query/fleet.ts'

const CPU = 'container_cpu_usage_seconds_total'
const MEMORY = 'container_memory_usage_bytes'
const BUCKETS = 'http_duration_seconds_bucket'
/** 100 containers; without it all of them. */
const SOME = '{instance=~"m0|m1"}'

interface Query {
  readonly text: string
  readonly range: '1h' | '24h'
}
const queries: readonly Query[] = [
  { range: '1h', text: `rate(${CPU}${SOME}[5m])` },
  { range: '1h', text: `sum(rate(${CPU}${SOME}[5m]))` },
  { range: '1h', text: `topk(5, rate(${CPU}${SOME}[5m]))` },
  { range: '1h', text: `${MEMORY}${SOME}` },
  {
    range: '1h',
    text: `sum by (instance) (rate(${CPU}${SOME}[5m])) / count by (instance) (${MEMORY}${SOME})`,
  },
  { range: '1h', text: `histogram_quantile(0.99, sum by (le) (rate(${BUCKETS}[5m])))` },
  { range: '1h', text: `avg_over_time(${MEMORY}${SOME}[10m])` },
  { range: '1h', text: `sum by (instance) (rate(${CPU}[5m]))` },
  { range: '1h', text: `sum by (image) (${MEMORY})` },
  { range: '1h', text: `topk(5, rate(${CPU}[5m]))` },
  { range: '1h', text: `quantile by (instance) (0.9, rate(${CPU}[5m]))` },
  { range: '1h', text: `sum by (image) (rate(${CPU}[5m])) / sum by (image) (${MEMORY})` },
  { range: '24h', text: `rate(${CPU}${SOME}[5m])` },
  { range: '24h', text: `sum by (instance) (rate(${CPU}${SOME}[5m]))` },
  { range: '24h', text: `increase(${CPU}${SOME}[1h])` },
  { range: '24h', text: `max_over_time(${MEMORY}${SOME}[1h])` },
  { range: '24h', text: `histogram_quantile(0.99, sum by (instance, le) (rate(${BUCKETS}[5m])))` },
  { range: '24h', text: `sum by (instance) (rate(${CPU}[5m]))` },
  { range: '24h', text: `sum by (image) (${MEMORY})` },
  { range: '24h', text: `topk(10, ${MEMORY})` },
]
const STEPS = { '1h': { seconds: 3_600, step: 15 }, '24h': { seconds: 86_400, step: 120 } }

/** All queries, one after the other. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 7)
/** Before those that are counted: both have read their files then, and our code is compiled. */
const WARM = 3

export async function run(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-query-range-'))
  try {
    const store = await openStore({ path: join(folder, 'store') }, silentLog())
    await fillStore(store)
    await merged(store)
    await store.close()
    const metrics = join(folder, 'metrics')
    await writeOpenMetrics(metrics)
    const blocks = join(folder, 'prometheus')
    const create = ['tsdb', 'create-blocks-from', 'openmetrics', '-q', metrics, blocks]
    await promisify(execFile)('promtool', create, { maxBuffer: 64 << 20 })
    rmSync(metrics)
    const ours = fork(new URL('query/serve.ts', import.meta.url), [join(folder, 'store')])
    const [port] = (await once(ours, 'message')) as [number]
    const config = new URL('query/prometheus.yml', import.meta.url).pathname
    await using theirs = await startServer({
      program: 'prometheus',
      args: (address) => [
        `--config.file=${config}`,
        `--storage.tsdb.path=${blocks}`,
        '--storage.tsdb.retention.time=10y',
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
      readyPath: '/-/ready',
    })
    try {
      return await compare(
        { url: `http://127.0.0.1:${port}`, pid: ours.pid! },
        { url: theirs.url, pid: theirs.pid },
      )
    } finally {
      ours.disconnect()
      await once(ours, 'exit')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prometheus' blocks are whole from the start; parts of a store are merged while they are young. */
async function merged(store: Store): Promise<void> {
  for (let quiet = 0, round = 0; quiet < 3 && round < 60; round++) {
    await wait(1_000)
    const running = await store.query('SELECT 1 FROM system.merges')
    quiet = running.length === 0 ? quiet + 1 : 0
  }
}

interface Asked {
  readonly url: string
  readonly pid: number
}

async function compare(ours: Asked, theirs: Asked): Promise<Figures> {
  const took = queries.map(() => ({ us: [] as number[], them: [] as number[] }))
  for (let round = 0; round < WARM + ROUNDS; round++) {
    for (const [i, query] of queries.entries()) {
      const a = await ask(ours, query)
      const b = await ask(theirs, query)
      if (a.series !== b.series) {
        throw new Error(`${query.text}: ${a.series} series here, ${b.series} in Prometheus`)
      }
      if (round >= WARM) {
        took[i]!.us.push(a.ms)
        took[i]!.them.push(b.ms)
      }
      await wait(20)
    }
  }
  const ratios = took.map(({ us, them }, i) => {
    const ratio = median(us) / median(them)
    const { range, text } = queries[i]!
    console.log(
      `${ratio.toFixed(2).padStart(6)} ${median(us).toFixed(1).padStart(8)} ms ${median(them).toFixed(1).padStart(8)} ms  ${range.padStart(3)}  ${text}`,
    )
    return ratio
  })
  return {
    ratioMedian: rounded(median(ratios)),
    ratioWorst: rounded(Math.max(...ratios)),
    rssMiB: Math.round(peakMiB(ours.pid)),
    prometheusRssMiB: Math.round(peakMiB(theirs.pid)),
  }
}

async function ask({ url }: Asked, { text, range }: Query) {
  const { seconds, step } = STEPS[range]
  const end = endMs / 1_000
  const parameters = new URLSearchParams({
    query: text,
    start: String(end - seconds),
    end: String(end),
    step: String(step),
  })
  const startMs = performance.now()
  const answer = await fetch(`${url}/api/v1/query_range?${parameters.toString()}`)
  const body = await answer.text()
  const ms = performance.now() - startMs
  if (!answer.ok) throw new Error(`${text}: ${body.slice(0, 500)}`)
  return { ms, series: body.split('"metric":').length - 1 }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!
const rounded = (value: number) => Math.round(value * 100) / 100
const peakMiB = (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1_024
