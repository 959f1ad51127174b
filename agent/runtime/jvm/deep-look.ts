/**
 * One look into the memory of one JVM, and its counters out of there for as long as it lives.
 *
 * All reads are made in the thread apart: what lies behind an address of another process may be a file
 * on a file system that never answers, whatever its maps said a moment ago. So an answer comes between
 * passes, and counters are those of the time of the last pass.
 *
 * Source: /proc/PID/mem, opened for reading; needs the right to trace the process
 */
import type { Answer, Apart } from '../../apart/apart.ts'
import { MalformedFile } from '../../read/malformed.ts'
import { type Deep, readDeep } from './deep.ts'
import { Image, type Range, type Reading } from './memory.ts'

/** Why nothing deeper is known: the closed list that is counted. */
export const WITHOUT_DEEP = {
  notPermitted: 'memory not readable: run as root or with CAP_SYS_PTRACE',
  malformed: 'memory does not hold the tables of a HotSpot',
  failed: 'memory could not be read: see the log',
} as const

export type WithoutDeep = (typeof WITHOUT_DEEP)[keyof typeof WITHOUT_DEEP]

export interface Failure {
  readonly reason: WithoutDeep
  readonly cause: Error
}

type Asker = Pick<Apart, 'ask'>

const REFUSED: Answer['state'] = 'refused'

/** Codes of a read where nothing is: it is an answer. */
const NOTHING = new Set(['EIO', 'EFAULT'])

export class DeepLook {
  readonly #apart: Asker
  readonly #path: string
  #deep: Deep | undefined
  #failure: Failure | undefined
  #counters: DataView | undefined
  #isReading = false

  /** Begins at once. `base` is where the first byte of libjvm.so is mapped. */
  constructor(apart: Asker, procfs: string, pid: number, base: number) {
    this.#apart = apart
    this.#path = `${procfs}/${pid}/mem`
    this.#run(readDeep(new Image(), base))
  }

  /** Undefined while it is being read, and when it could not be. */
  get deep(): Deep | undefined {
    return this.#deep
  }

  get failure(): Failure | undefined {
    return this.#failure
  }

  /** Whether nobody had room for the question: then it may be put again later. */
  get wasRefused(): boolean {
    return this.#failure !== undefined && codeOf(this.#failure.cause) === REFUSED
  }

  /** The newest copy of its counters; asks for the next one. Undefined when there is none yet. */
  takeCounters(): DataView | undefined {
    const range = this.#deep?.counters
    if (range !== undefined && !this.#isReading) {
      this.#isReading = true
      this.#read(range, (bytes) => {
        this.#isReading = false
        this.#counters =
          bytes instanceof Error || bytes.length === 0
            ? undefined
            : new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      })
    }
    return this.#counters
  }

  #run(reading: Reading<Deep>): void {
    const step = (bytes?: Uint8Array): void => {
      try {
        const next = bytes === undefined ? reading.next() : reading.next(bytes)
        if (next.done === true) {
          this.#deep = next.value
          this.takeCounters()
          return
        }
        this.#read(next.value, (answer) => {
          if (answer instanceof Error) this.#fail(answer)
          else step(answer)
        })
      } catch (err) {
        this.#fail(err as Error)
      }
    }
    step()
  }

  #fail(cause: Error): void {
    this.#failure = { reason: reasonOf(cause), cause }
  }

  #read({ address, bytes }: Range, done: (bytes: Uint8Array | Error) => void): void {
    this.#apart.ask('memory', `${address} ${bytes} ${this.#path}`, (answer) =>
      done(bytesOf(answer)),
    )
  }
}

function bytesOf(answer: Answer): Uint8Array | Error {
  if (answer.state === 'done') return Uint8Array.from(answer.figures)
  if (answer.state === 'failed' && NOTHING.has(answer.code)) return new Uint8Array(0)
  const code = answer.state === 'failed' ? answer.code : answer.state
  return Object.assign(new Error(`memory of a JVM: ${code}`), { code })
}

function reasonOf(err: Error): WithoutDeep {
  if (err instanceof MalformedFile) return WITHOUT_DEEP.malformed
  const code = codeOf(err)
  return code === 'EACCES' || code === 'EPERM' ? WITHOUT_DEEP.notPermitted : WITHOUT_DEEP.failed
}

const codeOf = (err: Error): unknown => ('code' in err ? err.code : '')
