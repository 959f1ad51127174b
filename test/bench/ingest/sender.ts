/**
 * A fleet in a process of its own, so that what it costs is not the receiver's. It makes the bodies of
 * a scrape, says so, sends them when it is told to, and says how long their answers took.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { constants, zstdCompressSync } from 'node:zlib'
import { PassEncoder } from '../../../wire/otlp-encode.ts'
import { fill, rowsOf, values } from './machines.ts'
import { RemoteWriter } from './remote-write.ts'

export interface Fleet {
  readonly protocol: 'otlp' | 'remote-write'
  readonly url: string
  readonly machines: number
  readonly connections: number
  /** Time of scrape 0. */
  readonly startMs: number
  readonly stepMs: number
}
export type Order = { readonly make: number } | { readonly send: number }
export interface Done {
  readonly bytes: number
  readonly seconds: number
  /** Of each answer, in order of size. */
  readonly answerMs: readonly number[]
  readonly retries: number
}

type Encode = (machine: number, scrape: number) => Buffer

const fleet = JSON.parse(process.argv[2]!) as Fleet

const HEADERS = {
  otlp: { 'content-type': 'application/x-protobuf', 'content-encoding': 'zstd' },
  'remote-write': {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  },
} as const

const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function otlpEncoder(): Encode {
  const agents = Array.from({ length: fleet.machines }, (_, machine) => ({
    rows: rowsOf(machine),
    encoder: new PassEncoder({ version: '0.1.0' }),
  }))
  return (machine, scrape) => {
    const { rows, encoder } = agents[machine]!
    fill(rows, values(machine, scrape))
    const [body] = encoder.encode({ timeMs: fleet.startMs + scrape * fleet.stepMs, rows })
    return zstdCompressSync(body!, ZSTD)
  }
}

function remoteWriteEncoder(): Encode {
  const writers: RemoteWriter[] = []
  return (machine, scrape) => {
    const timeMs = fleet.startMs + scrape * fleet.stepMs
    writers[machine] ??= new RemoteWriter(machine, timeMs)
    return writers[machine].encode(values(machine, scrape), timeMs)
  }
}

/** Each machine keeps its connection. */
const agent = new Agent({
  keepAlive: true,
  maxSockets: fleet.connections,
  maxFreeSockets: fleet.connections,
})

async function post(body: Buffer, machine: number, scrape: number): Promise<number> {
  const sent = request(fleet.url, {
    agent,
    method: 'POST',
    headers: {
      ...HEADERS[fleet.protocol],
      'content-length': body.length,
      'candor-batch': `machine-${machine}/boot/${scrape}`,
    },
  })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode!
}

async function sendAll(bodies: readonly Buffer[], scrape: number): Promise<Done> {
  const answerMs: number[] = []
  let retries = 0
  let next = 0
  const from = performance.now()
  const sendSome = async () => {
    while (next < bodies.length) {
      const machine = next++
      const before = performance.now()
      for (;;) {
        // As an agent: without an answer it sends again.
        const status = await post(bodies[machine]!, machine, scrape).catch(() => 503)
        if (status < 300) break
        if (status !== 429 && status !== 503) throw new Error(`answered ${status}`)
        retries += 1
        await wait(500 + 1_000 * Math.random())
      }
      answerMs.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: fleet.connections }, sendSome))
  return {
    bytes: bodies.reduce((sum, { length }) => sum + length, 0),
    seconds: (performance.now() - from) / 1_000,
    answerMs: answerMs.toSorted((a, b) => a - b),
    retries,
  }
}

const encode = fleet.protocol === 'otlp' ? otlpEncoder() : remoteWriteEncoder()
let made: Buffer[] = []

process.on('message', (order: Order) => {
  if ('make' in order) {
    made = Array.from({ length: fleet.machines }, (_, machine) => encode(machine, order.make))
    process.send!('made')
  } else {
    void sendAll(made, order.send).then((done) => process.send!(done))
  }
})
process.send!('ready')
