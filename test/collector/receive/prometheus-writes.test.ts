/** A real Prometheus writes what it scrapes to us: the store has what Prometheus itself answers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NOT_A_NUMBER } from '../../../collector/store/columns.ts'
import { needs, startPrometheus } from '../../peers/peers.ts'
import { type Receiver, startReceiver } from './receiver.ts'

let directory: string
let receiver: Receiver

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-writes-'))
  receiver = await startReceiver(join(directory, 'data'))
})

afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const page = (scrapes: number) => `# TYPE jobs_total counter
jobs_total{queue="a\\"b\\\\c\\n",path="/\\n\\nDROP TABLE point"} ${scrapes}
# TYPE heat gauge
heat ${-0.1 * scrapes}
# TYPE odd gauge
odd{is="nan"} NaN
odd{is="up"} +Inf
odd{is="down"} -Inf
odd{is="tiny"} 5e-324
# TYPE took histogram
took_bucket{le="0.005"} 1
took_bucket{le="+Inf"} ${scrapes}
took_sum 1.5
took_count ${scrapes}
# TYPE size summary
size{quantile="0.5"} NaN
size_sum 0
size_count 0
plain 17 
${scrapes % 2 === 0 ? 'now_and_then 1' : ''}
`

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly values: readonly (readonly [seconds: number, value: string])[]
    }[]
  }
}

/** `name labels` to `ms value`, of all that was scraped until then. */
type Samples = Record<string, string[]>

async function samplesOfPrometheus(url: string, untilMs: number): Promise<Samples> {
  const query = new URLSearchParams({
    query: '{__name__=~".+"}[10m]',
    time: String(untilMs / 1_000),
  })
  const { data } = (await (await fetch(`${url}/api/v1/query?${query.toString()}`)).json()) as Matrix
  return Object.fromEntries(
    data.result.map(({ metric: { __name__: name, ...labels }, values }) => [
      seriesName(name!, labels),
      values.map(([seconds, value]) => `${Math.round(seconds * 1_000)} ${numberOf(value)}`),
    ]),
  )
}

/** Both write what is no finite number as a word, each in its own way. */
const numberOf = (text: string) =>
  text.endsWith('nf') ? `${text.startsWith('-') ? '-' : ''}Infinity` : String(Number(text))

const seriesName = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify([name, ...Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))])

/** Ends of series are no samples, NaN that was scraped is. */
async function samplesOfStore(untilMs: number): Promise<Samples> {
  const rows = await receiver.store.query<{
    name: string
    labels: Record<string, string>
    samples: [string, string][]
  }>(
    `SELECT any(name) AS name, any(labels) AS labels, arraySort(groupArray((ms, text))) AS samples
     FROM (
       SELECT series, toString(toUnixTimestamp64Milli(ts)) AS ms, toString(value) AS text
       FROM point FINAL
       WHERE ts <= fromUnixTimestamp64Milli({until:Int64})
         AND (NOT isNaN(value) OR reinterpretAsUInt64(value) = {nan:UInt64})
     ) AS points
     INNER JOIN (SELECT series, name, labels FROM series FINAL) AS of_series USING (series)
     GROUP BY series`,
    { until: untilMs, nan: String(NOT_A_NUMBER) },
  )
  return Object.fromEntries(
    rows.map(({ name, labels, samples }) => [
      seriesName(name, labels),
      samples.map(([ms, text]) => `${ms} ${numberOf(text)}`),
    ]),
  )
}

test.skipIf(needs('prometheus'))('what Prometheus scraped is what we store', async () => {
  let scrapes = 0
  const target = createServer((_request, response) => response.end(page(++scrapes)))
  target.listen(0, '127.0.0.1')
  await new Promise((resolve) => target.once('listening', resolve))
  const host = `127.0.0.1:${(target.address() as AddressInfo).port}`
  const prometheus = await startPrometheus({
    scrape: [{ job: 'shop', url: `http://${host}/metrics` }],
    remoteWrite: [`${receiver.url}/api/v1/write`],
  })
  try {
    await expect.poll(() => scrapes, { timeout: 20_000 }).toBeGreaterThan(4)
    const untilMs = Date.now() - 1_000
    const expected = await samplesOfPrometheus(prometheus.url, untilMs)
    expect(Object.keys(expected)).toContain(
      seriesName('size', { instance: host, job: 'shop', quantile: '0.5' }),
    )
    await expect.poll(() => samplesOfStore(untilMs), { timeout: 20_000 }).toEqual(expected)
    // Types come in requests of their own.
    const kinds = async () =>
      receiver.store.query(
        `SELECT name, any(kind) AS kind FROM series FINAL
         WHERE labels['job'] = 'shop' AND name IN ('jobs_total', 'odd', 'took_bucket', 'size', 'size_sum', 'plain')
         GROUP BY name ORDER BY name`,
      )
    await expect.poll(kinds, { timeout: 20_000 }).toEqual([
      { name: 'jobs_total', kind: 'counter' },
      { name: 'odd', kind: 'gauge' },
      { name: 'plain', kind: 'untyped' },
      { name: 'size', kind: 'gauge' },
      { name: 'size_sum', kind: 'counter' },
      { name: 'took_bucket', kind: 'counter' },
    ])
    // A series that is no longer on the page has ended, and so have all when the target is gone.
    const ended = async () =>
      (
        await receiver.store.query<{ name: string }>(
          `SELECT DISTINCT name FROM series WHERE series IN (
             SELECT series FROM point WHERE isNaN(value) AND reinterpretAsUInt64(value) != {nan:UInt64}
           ) ORDER BY name`,
          { nan: String(NOT_A_NUMBER) },
        )
      ).map(({ name }) => name)
    await expect.poll(ended, { timeout: 20_000 }).toEqual(['now_and_then'])
    target.closeAllConnections()
    target.close()
    await expect.poll(ended, { timeout: 20_000 }).toContain('jobs_total')
    expect(await ended()).not.toContain('up')
    const failed = 'candor_receive_requests_total{protocol="remote_write",code="400"}'
    expect(await receiver.count(failed)).toBe(0)
    expect(
      await receiver.count('candor_receive_points_total{protocol="remote_write"}'),
    ).toBeGreaterThan(50)
  } finally {
    await prometheus.stop()
    target.close()
  }
})
