/**
 * An agent's shipping between a disk, a network and a clock that do what a test says, and what was
 * promised of each batch. Nothing here is random; whoever calls is.
 */
import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import type { Clock } from '../../../agent/ship/clock.ts'
import { LateSpool } from '../../../agent/ship/late-spool.ts'
import type { Answer, Post, Poster } from '../../../agent/ship/post.ts'
import { Push } from '../../../agent/ship/push.ts'
import type { Fsync } from '../../../agent/ship/fsync.ts'
import { silentLog } from '../../../settings/log.ts'
import { FakeTime, settle } from './fake-clock.ts'
import { MemoryDisk } from './memory-disk.ts'

export const NETWORKS = [
  'up',
  'refused',
  'lostRequest',
  'lostAnswer',
  'unavailable',
  'busy',
  'bad',
  'slow',
  'silent',
] as const
export type Network = (typeof NETWORKS)[number]

export type Action =
  | { readonly does: 'offer'; readonly count: number; readonly bytes: number }
  | { readonly does: 'advance'; readonly ms: number }
  | { readonly does: 'network'; readonly is: Network }
  | {
      readonly does: 'disk'
      readonly is: 'full' | 'read' | 'write' | 'sync' | 'remove' | 'healthy'
    }
  | { readonly does: 'clock'; readonly stepMs: number }
  | { readonly does: 'kill' | 'cut' | 'stop' }

interface Made {
  readonly atUs: number
  /** The disk worked all the time since. */
  isSafe: boolean
  readonly run: number
}

const SLOW_MS = 3_000
/** Written after one second, and forced to the disk within another. */
const KEPT_US = 1_000_000
const FORCED_US = 2_100_000

export class Model {
  readonly time = new FakeTime()
  readonly disk = new MemoryDisk()
  readonly #fsync: Fsync
  readonly #random: () => number
  readonly #made: Made[] = []
  /** By their numbers: what must not be lost any more. */
  readonly #promised = new Set<number>()
  /** What the receiver has, or has refused for good, by number. */
  readonly #arrived = new Set<number>()
  readonly #numbers = new Map<string, number>()
  /** The agent knows what became of it, and has written that down. */
  readonly #finished = new Set<number>()
  readonly #wrong: unknown[] = []
  #damaged = 0
  #network: Network = 'up'
  #run = 0
  #clock!: Clock
  #push!: Push
  #isFirmStart = true

  constructor(fsync: Fsync, random: () => number) {
    this.#fsync = fsync
    this.#random = random
    this.#start()
  }

  async act(action: Action): Promise<void> {
    await this.#act(action)
    await settle()
    if (this.#wrong.length > 0) throw this.#wrong[0]
    const { queueBytes, dropped } = this.#push.stats
    const { stopped: _stopped, spoolDamaged: _damaged, ...others } = dropped
    assert(queueBytes >= 0)
    assert.deepEqual(new Set(Object.values(others)), new Set([0]))
  }

  /** Everything works again, and long enough. */
  async end(): Promise<void> {
    for (const does of ['network', 'disk'] as const) {
      await this.act(does === 'network' ? { does, is: 'up' } : { does, is: 'healthy' })
    }
    this.#promise((made) => made.isSafe || this.#push.stats.queueBytes > 0)
    // A disk that took nothing is tried again with the next pass.
    for (let i = 0; i < 40; i++) {
      if (i % 20 === 0) await this.act({ does: 'offer', count: 1, bytes: 0 })
      await this.act({ does: 'advance', ms: 120_000 })
    }
    const missing = [...this.#promised].filter((number) => !this.#arrived.has(number))
    const { queueBytes, dropped, spool } = this.#push.stats
    assert(missing.length <= this.#damaged + dropped.spoolDamaged, `lost ${missing.join()}`)
    assert.deepEqual([queueBytes, spool?.batches, spool?.isWritable], [0, 0, true])
    await this.#push.stop()
    assert.deepEqual([...this.disk.files.keys()], [])
  }

  async #act(action: Action): Promise<void> {
    switch (action.does) {
      case 'offer':
        for (let i = 0; i < action.count; i++) this.#offer(action.bytes)
        return
      case 'advance':
        return this.time.advance(action.ms)
      case 'network':
        this.#network = action.is
        return
      case 'disk':
        this.#break(action.is)
        return
      case 'clock':
        this.time.wallMs += action.stepMs
        return
      case 'kill':
        this.#promise(({ atUs }) => this.#fsync === 'always' || this.time.us - atUs >= KEPT_US)
        this.#end()
        this.disk.kill()
        break
      case 'cut':
        this.#cut()
        break
      case 'stop': {
        this.#promise(() => true)
        await this.#push.stop(0)
        this.#end()
        break
      }
    }
    this.#start()
  }

  #offer(bytes: number): void {
    const number = this.#made.length
    // A spool that could not be opened is not tried again at once.
    const isSafe = this.disk.isHealthy && this.#push.stats.spool!.isWritable
    this.#made.push({ atUs: this.time.us, isSafe, run: this.#run })
    this.#push.offer([Buffer.from(`${number} ${'x'.repeat(bytes)}`)])
  }

  #break(is: Extract<Action, { does: 'disk' }>['is']): void {
    if (is === 'healthy') {
      this.disk.broken.clear()
      this.disk.capacity = Number.POSITIVE_INFINITY
      return
    }
    for (const made of this.#made) made.isSafe = false
    if (is === 'full') this.disk.capacity = this.disk.bytes
    else this.disk.broken.add(is)
  }

  /** Batches of this run that are now beyond loss. */
  #promise(holds: (made: Made) => boolean): void {
    for (const [number, made] of this.#made.entries()) {
      if (made.run === this.#run && made.isSafe && holds(made)) this.#promised.add(number)
    }
  }

  #cut(): void {
    // What an earlier run left is forced to the disk at the start, where the disk works.
    if (this.#fsync === 'never' || (this.#fsync === 'interval' && !this.#isFirmStart)) {
      this.#promised.clear()
    }
    if (this.#fsync !== 'never') {
      const isForced = ({ atUs }: Made) =>
        this.#fsync === 'always' || this.time.us - atUs >= FORCED_US
      this.#promise(isForced)
    }
    this.#end()
    this.disk.powerCut(this.#random)
    this.#finished.clear()
    this.time.us = 0
  }

  #end(): void {
    this.#damaged += this.#push.stats.dropped.spoolDamaged
    this.time.kill(this.#clock)
    this.#run += 1
  }

  #start(): void {
    this.#isFirmStart = this.disk.isHealthy
    const run = this.#run
    const clock = this.time.clock()
    const log = silentLog()
    this.#clock = clock
    const spool = new LateSpool({
      open: () => this.disk.take(),
      bootId: `boot of ${this.time.us < 3_600_000_000 ? run : 'the first'}`,
      fsync: this.#fsync,
      maxBytes: 16 << 20,
      maxAgeMs: 30 * 86_400_000,
      clock,
      log,
    })
    this.#push = new Push({
      url: 'http://receiver.example',
      compression: 'auto',
      sender: `machine/${run}`,
      userAgent: 'candor/test',
      log,
      clock,
      random: this.#random,
      spool,
      connect: async (): Promise<Poster> => ({
        close: () => {},
        post: (request) => this.#post(run, clock, request),
      }),
    })
  }

  async #post(run: number, clock: Clock, request: Post): Promise<Answer> {
    const network = this.#network
    if (network === 'refused' || network === 'lostRequest') throw new Error(network)
    const number = this.#look(request)
    if (network === 'lostAnswer') throw new Error(network)
    if (network === 'slow') await clock.wait(SLOW_MS, request.signal)
    if (network === 'silent') await clock.wait(request.timeoutMs, request.signal)
    if (network === 'silent' || request.signal.aborted) throw new Error('no answer')
    const status = { unavailable: 503, busy: 429, bad: 400 }[network as string] ?? 200
    if (status <= 400 && run === this.#run) {
      this.#arrived.add(number)
      if (this.disk.isHealthy) this.#finished.add(number)
    }
    return {
      status,
      retryAfter: network === 'busy' ? '30' : undefined,
      acceptEncoding: undefined,
      body: Buffer.alloc(0),
    }
  }

  /** What is wrong is told to the test: an error would be one of the network. */
  #look(request: Post): number {
    try {
      return this.#arrive(request)
    } catch (error) {
      this.#wrong.push(error)
      throw error
    }
  }

  #arrive({ headers, body }: Post): number {
    const id = String(headers['candor-batch'])
    const number = Number(/^\d+ x*$/.exec(gunzipSync(body).toString())![0].split(' ')[0])
    assert.equal(this.#numbers.get(id) ?? number, number, 'an id was given twice')
    this.#numbers.set(id, number)
    assert(!this.#finished.has(number), `sent again: ${number}`)
    const takes: readonly Network[] = ['up', 'lostAnswer', 'slow', 'silent']
    if (takes.includes(this.#network)) this.#arrived.add(number)
    return number
  }
}
