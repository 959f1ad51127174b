/**
 * Runs calls that may block for ever in a thread of their own, which is thrown away when it does.
 *
 * The thread starts with the first call and ends when it was not used for a while: it holds about
 * 17 MiB. It does one call at a time. A call that is not back at its deadline is stuck: its thread
 * is left alone, a new one takes the next call, and the same call is not made again until the stuck
 * one came back. So a dead mount costs one thread, not one a pass, and dead mounts together at most
 * `limits.stuckThreads`; calls beyond are refused and counted.
 *
 * **Leaving.** A thread inside a system call cannot be ended from within the process, and Node joins
 * its threads before it exits: `process.exit`, and the natural end as well, would wait for the dead
 * mount. So when a thread is stuck, or its call is not back a moment later, the last thing that this
 * process does is to send itself SIGTERM with nobody listening, and the kernel ends all threads that wait killably, as those do that
 * wait for NFS, CIFS or FUSE. Init systems take an end by SIGTERM for a clean one; the exit status is
 * that of a signal, 143 in a shell. Only a thread that the kernel itself does not let be killed holds
 * the process even then, and nothing in user space can change that.
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- the port of a thread has no origin */
import { Worker } from 'node:worker_threads'
import { limits } from '../../catalog/limit.ts'
import { type Figures, type Operation, type OperationName, operations } from './operations.ts'

export type Answer =
  | { readonly state: 'done'; readonly figures: Figures }
  /** `code` is the kernel's: `ESTALE`. */
  | { readonly state: 'failed'; readonly code: string }
  | { readonly state: 'stuck' }
  /** Too many threads are stuck already, or too many calls wait. */
  | { readonly state: 'refused' }

interface Call {
  readonly key: string
  readonly name: OperationName
  readonly argument: string
  readonly done: (answer: Answer) => void
}

/** What the thread sends back. */
type Message = { readonly figures: Figures } | { readonly code: string }

export interface ApartOptions {
  /** Instead of each operation's own. */
  readonly deadlineMs?: number
  /** Unused for this time the thread ends. */
  readonly idleMs?: number
}

const IDLE_MS = 60_000
/** A call that is not back by then, when the process ends, is not waited for. */
const LEAVE_MS = 200

const BUSY = 1

export class Apart {
  readonly #deadlineMs: number | undefined
  readonly #idleMs: number
  #worker: Worker | undefined
  /** From then on time counts: it is no fault of the call that a busy machine starts threads slowly. */
  #online = false
  #current: Call | undefined
  readonly #waiting: Call[] = []
  /** `BUSY` from when a call is sent until it is back, as the thread itself says. */
  #state = new Int32Array(new SharedArrayBuffer(4))
  /** Lost threads by what they were asked. */
  readonly #lost = new Map<string, Worker>()
  /** Runs out at the deadline of the current call, or when the thread has had nothing to do. */
  #timer: NodeJS.Timeout | undefined
  #stuckTotal = 0
  #refusedTotal = 0

  constructor({ deadlineMs, idleMs = IDLE_MS }: ApartOptions = {}) {
    this.#deadlineMs = deadlineMs
    this.#idleMs = idleMs
  }

  /** Whether a thread is there and not lost. */
  get running(): boolean {
    return this.#worker !== undefined
  }

  /** Of calls that never came back: now, and since the start; and of calls that were refused. */
  get counts(): { readonly stuck: number; readonly stuckTotal: number; readonly refused: number } {
    return {
      stuck: this.#lost.size,
      stuckTotal: this.#stuckTotal,
      refused: this.#refusedTotal,
    }
  }

  isStuck(name: OperationName, argument: string): boolean {
    return this.#lost.has(keyOf(name, argument))
  }

  /**
   * `done` is called once, never before this returns; it must not throw. A call that already waits,
   * runs or is stuck is not made twice: then `done` is never called.
   */
  ask(name: OperationName, argument: string, done: (answer: Answer) => void): void {
    const key = keyOf(name, argument)
    const known = [this.#current, ...this.#waiting].some((call) => call?.key === key)
    if (known || this.#lost.has(key)) return
    const call = { key, name, argument, done }
    if (this.#waiting.length >= limits.callsApart.value) this.#refuse(call)
    else this.#waiting.push(call)
    this.#next()
  }

  /** Ends the thread, which a call that is under way only leaves when it is back; refuses the rest. */
  close(): void {
    clearTimeout(this.#timer)
    const current = this.#current
    if (current !== undefined) {
      this.#current = undefined
      this.#lost.set(current.key, this.#worker!)
      this.#worker = undefined
      this.#refuse(current)
    }
    for (const call of this.#waiting.splice(0)) this.#refuse(call)
    this.#end()
  }

  #next(): void {
    if (this.#current !== undefined) return
    clearTimeout(this.#timer)
    const call = this.#waiting.shift()
    if (call === undefined) {
      if (this.running) this.#timer = setTimeout(() => this.#end(), this.#idleMs).unref()
      return
    }
    if (!this.running && this.#lost.size >= limits.stuckThreads.value) {
      this.#refuse(call)
      this.#next()
      return
    }
    this.#worker ??= this.#start()
    this.#current = call
    this.#state[0] = BUSY
    this.#worker.postMessage([call.name, call.argument])
    if (this.#online) this.#watch(call)
  }

  #watch(call: Call): void {
    const { deadlineMs } = operations[call.name]
    this.#timer = setTimeout(() => this.#lose(call), this.#deadlineMs ?? deadlineMs).unref()
  }

  #start(): Worker {
    this.#online = false
    if (this.#lost.size === 0) process.on('exit', this.#leave)
    this.#state = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(threadSource, {
      eval: true,
      execArgv: [],
      workerData: this.#state,
    })
    // Before it runs, Node would take this back.
    worker.once('online', () => {
      worker.unref()
      if (worker !== this.#worker) return
      this.#online = true
      if (this.#current !== undefined) this.#watch(this.#current)
    })
    worker.on('message', (message: Message) => {
      if (worker === this.#worker) this.#answer(message)
      else this.#cameBack(worker)
    })
    worker.on('error', (error: Error) => {
      if (worker !== this.#worker) return
      this.#worker = undefined
      this.#settle()
      this.#answer({ code: (error as NodeJS.ErrnoException).code ?? error.name })
    })
    return worker
  }

  #answer(message: Message): void {
    const call = this.#current
    this.#current = undefined
    call?.done(
      'code' in message
        ? { state: 'failed', code: message.code }
        : { state: 'done', figures: message.figures },
    )
    this.#next()
  }

  #lose(call: Call): void {
    this.#lost.set(call.key, this.#worker!)
    this.#stuckTotal += 1
    this.#worker = undefined
    this.#current = undefined
    call.done({ state: 'stuck' })
    this.#next()
  }

  #cameBack(worker: Worker): void {
    for (const [key, one] of this.#lost) if (one === worker) this.#lost.delete(key)
    void worker.terminate()
    this.#settle()
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
    this.#settle()
  }

  /** Without threads nothing keeps the process from leaving. */
  #settle(): void {
    if (!this.running && this.#lost.size === 0) process.off('exit', this.#leave)
  }

  /** As the last listener of `exit`: see above. */
  readonly #leave = (): void => {
    const isStuck =
      this.#lost.size > 0 || Atomics.wait(this.#state, 0, BUSY, LEAVE_MS) === 'timed-out'
    if (!isStuck) return
    process.removeAllListeners('SIGTERM')
    process.kill(process.pid, 'SIGTERM')
  }

  #refuse(call: Call): void {
    this.#refusedTotal += 1
    queueMicrotask(() => call.done({ state: 'refused' }))
  }
}

/** That of this process, since its threads are the process's. */
export const apart = new Apart()

const keyOf = (name: OperationName, argument: string): string => `${name} ${argument}`

/** Runs in the thread; all that it needs is in its argument. */
function thread(runs: Readonly<Record<string, Operation['run']>>): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const state = workerData as Int32Array
  parentPort!.on('message', ([name, argument]: [string, string]) => {
    try {
      parentPort!.postMessage({ figures: runs[name]!(argument) })
    } catch (error) {
      parentPort!.postMessage({ code: (error as NodeJS.ErrnoException).code ?? String(error) })
    }
    state[0] = 0
    Atomics.notify(state, 0)
  })
}

const runs = Object.entries(operations).map(([name, { run }]) => `${name}: ${run.toString()}`)
const threadSource = `(${thread.toString()})({ ${runs.join(', ')} })`
