/**
 * What every kind of runtime answers, so that one place makes the rows: statements under their names
 * in catalog/entity.ts, and figures under the columns of catalog/tables/runtime.ts.
 */
import type { attributes } from '../../catalog/entity.ts'
import type { Program } from './program.ts'
import type { RuntimeProcess } from './scan.ts'
import type { Task } from './tasks.ts'

export type AttributeName = keyof typeof attributes

/** What stays, or changes slowly; what is not known is undefined. */
export type Facts = { readonly [name in AttributeName]?: string | undefined }

/** By column; what is absent is undefined, never 0. */
export type Figures = Readonly<Record<string, number | undefined>>

export interface Said {
  readonly facts?: Facts
  readonly figures?: Figures
  /** What it says of each of its collectors: the rows of the table `runtime_gc`. */
  readonly collectors?: readonly { readonly name: string; readonly figures: Figures }[]
  /** Why it says less than it could. */
  readonly unread?: Unread
}

export interface Unread {
  /** Of a closed list: it is counted. */
  readonly reason: string
  /** There when someone should look into it; else that is how the workload was set up. */
  readonly suspicious?: Error
}

/** What a runtime takes itself to be allowed, and how sure that is. */
export interface Belief {
  readonly value: number
  /** `exact` is its own setting, `strong` is what it made of what it saw. */
  readonly confidence: 'exact' | 'strong'
  readonly source: string
}

/** A kind that tells nothing of its own but what its process shows: one file a kind. */
export interface PlainKind {
  /** Once a look at the program: what it is called, its version, what was built in. */
  describe(program: Program): Facts
  /** CPUs and memory, only where they can be read and need not be guessed. */
  believes?(signs: Signs): {
    readonly cpus?: Belief | undefined
    readonly memory?: Belief | undefined
  }
  /** Whether a child is no worker but helps its parent; by the command line of the child. */
  readonly isHelper?: (child: Program) => boolean
  /** Children are parts of their master and no runtimes of their own. */
  readonly foldsChildren?: true
}

/** What beliefs may be read from. */
export interface Signs {
  readonly program: Program
  readonly tasks: readonly Task[]
  /** Its children of the same program. */
  readonly children: number
}

/** One process, with what was read of it whatever its kind. */
export interface Seen {
  readonly process: RuntimeProcess
  readonly program: Program
  /**
   * Its threads, as of the newest look at them, which is rarer than a pass: the same object until
   * the next one. Undefined where they could not be read.
   */
  readonly tasks: readonly Task[] | undefined
  /** Its children that run the same program, those that only help left out. */
  readonly children: readonly RuntimeProcess[]
  /** Whether it is itself such a child. */
  readonly isWorker: boolean
}

export interface KindReader {
  /** Files that are kept open between passes. */
  readonly openFiles: number
  /**
   * All processes of its kinds at once, since some share what they tell, by their pids. Who is not in
   * the answer has ended.
   */
  read(seen: readonly Seen[], timeMs: number): ReadonlyMap<number, Said>
  /** The process has ended, or its pid is another's now. */
  forget(pid: number): void
}
