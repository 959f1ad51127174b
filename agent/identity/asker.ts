/**
 * Asks one source when there is something to ask: soon after a container is met that it may know and
 * has not told of, and once a minute while there are such containers. Never within a pass.
 *
 * What was told is kept until something better is: a source that stopped, or says less, takes nothing
 * away. A source that fails is tried again after a time that grows.
 */
import { limits } from '../../catalog/limit.ts'
import type { Identity } from '../cgroup/identity.ts'
import { backoffMs } from '../ship/backoff.ts'
import { type Answer, type ContainerFacts, isOfUser, keyOf, type PodFacts } from './facts.ts'
import { type NotAsked, type Source, SourceRefused } from './source.ts'

/** Containers that come together are asked for together. */
const SOON_MS = 100
const SLOW_MS = 60_000
const SETTLE_MS = 20
/** A runtime makes the cgroup before it lists the container: so often it is asked again. */
const TRIES = 3

export interface AskerState {
  readonly state: 'on' | 'off' | 'failed'
  readonly reason?: string
  readonly cure?: string
  /** This machine runs no container of it. */
  readonly notHere?: true
  /** Of the last time. */
  readonly durationSeconds: number
}

const NEVER_ASKED: AskerState = {
  state: 'off',
  reason: 'no container was met that it may know',
  cure: 'none is needed',
  notHere: true,
  durationSeconds: 0,
}

/** What is known by one key, and as a text, which tells whether it is news. */
interface Known<T> {
  readonly facts: T
  readonly text: string
}

export class Asker {
  readonly #source: Source
  readonly #onNews: () => void
  readonly #containers = new Map<string, Known<ContainerFacts>>()
  readonly #pods = new Map<string, Known<PodFacts>>()
  /** Containers that were asked for in vain, and how often. */
  readonly #missing = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #dueMs = Number.POSITIVE_INFINITY
  /** Not to be asked before this time. */
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #failures = 0
  #stopped = new AbortController()
  #asking: Promise<void> | undefined
  #isFollowing = false
  state: AskerState = NEVER_ASKED

  constructor(source: Source, onNews: () => void) {
    this.#source = source
    this.#onNews = onNews
  }

  get name(): string {
    return this.#source.name
  }

  /** How many containers it has told of. */
  get size(): number {
    return this.#containers.size
  }

  container({ containerId }: Identity, path: string): ContainerFacts | undefined {
    return this.#containers.get(keyOf(containerId, path))?.facts
  }

  /** A user has no pods that others speak for. */
  pod({ podUid }: Identity, path: string): PodFacts | undefined {
    return isOfUser(path) ? undefined : this.#pods.get(podUid)?.facts
  }

  /** A container is there: it will be asked for unless it was told of, or asked for in vain. */
  meet(identity: Identity, path: string): void {
    if (identity.containerId === '' || !this.#source.knows(identity)) return
    const key = keyOf(identity.containerId, path)
    if (this.#containers.has(key) || this.#missing.has(key)) return
    if (this.#missing.size >= limits.cgroups.value) this.#missing.clear()
    this.#missing.set(key, 0)
    this.#askIn(SOON_MS)
  }

  /** Whether it was met, nobody has told of it yet, and it will be asked for again soon. */
  expects({ containerId }: Identity, path: string): boolean {
    const tries = this.#missing.get(keyOf(containerId, path))
    if (tries === undefined || tries >= TRIES) return false
    return this.state === NEVER_ASKED || this.state.state === 'on'
  }

  /** Settles when each container that was met has been told of, or asked for in vain. */
  async settled(): Promise<void> {
    while (!this.#stopped.signal.aborted && this.#waits) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    }
  }

  get #waits(): boolean {
    if (this.#asking !== undefined) return true
    const asked = this.#dueMs - performance.now() > SOON_MS
    const tries = Math.min(...this.#missing.values())
    return !asked || (this.state.state === 'on' && tries < TRIES)
  }

  stop(): void {
    this.#stopped.abort(new Error('the agent stops'))
    clearTimeout(this.#timer)
  }

  #askIn(delayMs: number): void {
    const nowMs = performance.now()
    const dueMs = Math.max(nowMs + delayMs, this.#notBeforeMs)
    if (this.#asking !== undefined || this.#stopped.signal.aborted || dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(() => {
      this.#dueMs = Number.POSITIVE_INFINITY
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined
        this.#askIn(this.#nextMs())
      })
    }, dueMs - nowMs).unref()
  }

  /** When to ask again. */
  #nextMs(): number {
    // After a failure, the time before which it is not to be asked.
    if (this.state.state === 'failed') return 0
    if (this.state.state === 'off') return SLOW_MS
    const tries = Math.min(...this.#missing.values())
    return tries < TRIES ? SOON_MS * 4 ** tries : SLOW_MS
  }

  #take(answer: Answer): void {
    const news = [
      keep(this.#containers, answer.containers),
      keep(this.#pods, answer.pods),
    ].includes(true)
    for (const key of this.#missing.keys()) if (this.#containers.has(key)) this.#missing.delete(key)
    if (news) this.#onNews()
  }

  /** Listens to who can tell by himself. When that ends, the next answer begins it anew. */
  #follow(): void {
    if (this.#isFollowing || this.#source.follow === undefined) return
    this.#isFollowing = true
    this.#source
      .follow((answer) => this.#take(answer), this.#stopped.signal)
      // Why it ended, the next question is answered.
      .catch(() => {})
      .finally(() => (this.#isFollowing = false))
  }

  async #ask(): Promise<void> {
    const started = performance.now()
    const durationSeconds = () => (performance.now() - started) / 1000
    const timeout = AbortSignal.timeout(limits.identityAnswerMs.value)
    try {
      const answer = await this.#source.ask(AbortSignal.any([timeout, this.#stopped.signal]), [
        ...this.#missing.keys(),
      ])
      this.#failures = 0
      if ('reason' in answer) {
        this.state = { ...answer, state: 'off', durationSeconds: durationSeconds() }
        return
      }
      this.state = { state: 'on', durationSeconds: durationSeconds() }
      for (const [key, tries] of this.#missing) this.#missing.set(key, tries + 1)
      this.#take(answer)
      this.#follow()
    } catch (error) {
      this.#failures += 1
      this.#notBeforeMs = performance.now() + backoffMs(this.#failures, undefined, Math.random)
      this.state = { ...explain(error), state: 'failed', durationSeconds: durationSeconds() }
    }
  }
}

/** Takes in what was told; true when it is news. What was told longest ago is forgotten first. */
function keep<T>(known: Map<string, Known<T>>, told: ReadonlyMap<string, T>): boolean {
  let news = false
  for (const [key, facts] of told) {
    const before = known.get(key)
    const text = JSON.stringify(facts)
    known.delete(key)
    known.set(key, before?.text === text ? before : { facts, text })
    news ||= before?.text !== text
  }
  for (const key of known.keys()) {
    if (known.size <= limits.cgroups.value) break
    known.delete(key)
  }
  return news
}

function explain(error: unknown): NotAsked {
  if (error instanceof SourceRefused) return { reason: error.message, cure: error.cure }
  const { message, name, code } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError' || name === 'AbortError') {
    return { reason: 'no answer in time', cure: 'see whether it is overloaded; names stay' }
  }
  return {
    reason: code === undefined || message.includes(code) ? message : `${code}: ${message}`,
    cure: 'see whether it runs, and whether its address is right; names stay as they are',
  }
}
