/**
 * What a thread apart can be asked to do: calls into the kernel that may never come back, since a
 * network, another process or a broken disk stands behind them.
 *
 * Each function is sent to the thread as its source text, so it may use nothing but its argument and
 * Node's own modules. A file would do too, but then the thread loads the stripper of types for it,
 * which is larger than all the rest.
 */
export interface Operation {
  /** After this time the call counts as stuck, and its thread as lost. */
  readonly deadlineMs: number
  readonly run: (argument: string) => readonly number[]
}

export const operations = {
  /**
   * statfs(2): size, free and available bytes, inodes and free inodes of a file system.
   * The deadline is that after which node_exporter calls a mount stuck.
   */
  statfs: {
    deadlineMs: 5_000,
    run: (path) => {
      const { statfsSync } = process.getBuiltinModule('node:fs')
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(path, { bigint: true })
      return [blocks * bsize, bfree * bsize, bavail * bsize, files, ffree].map(Number)
    },
  },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
