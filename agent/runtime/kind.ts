/**
 * What every kind of runtime answers, so that one place makes the rows: statements under their names
 * in catalog/entity.ts, and figures under the columns of catalog/tables/runtime.ts.
 */
import type { attributes } from '../../catalog/entity.ts'
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

/** One process, with what was read of it whatever its kind. */
export interface Seen {
  readonly process: RuntimeProcess
  /**
   * Its threads, as of the newest look at them, which is rarer than a pass: the same object until
   * the next one. Undefined where they could not be read.
   */
  readonly tasks: readonly Task[] | undefined
}

export interface KindReader {
  /** Files that are kept open between passes. */
  readonly openFiles: number
  /**
   * All processes of its kinds at once, since some share what they tell, by their pids. Who is not in
   * the answer has ended.
   */
  read(seen: readonly Seen[]): ReadonlyMap<number, Said>
  /** The process has ended, or its pid is another's now. */
  forget(pid: number): void
}
