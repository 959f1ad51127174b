/**
 * What a thread apart can be asked to do: calls into the kernel that may never come back, since a
 * network, another process or a broken disk stands behind them.
 *
 * Each function is sent to the thread as its source text, so it may use nothing but its argument and
 * Node's own modules. A file would do too, but then the thread loads the stripper of types for it,
 * which is larger than all the rest.
 */
export type Figures = readonly number[] | Uint8Array

export interface Operation {
  /** After this time the call counts as stuck, and its thread as lost. */
  readonly deadlineMs: number
  readonly run: (argument: string) => Figures
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
  /**
   * Bytes of the memory of another process: `ADDRESS BYTES /proc/PID/mem`. Fewer where the memory ends,
   * and EIO where none is. A page of a file may have to be fetched first, wherever the file lies.
   */
  memory: {
    deadlineMs: 5_000,
    run: (argument) => {
      const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
      const [address, bytes, ...path] = argument.split(' ')
      const fd = openSync(path.join(' '), 'r')
      try {
        const buffer = new Uint8Array(Number(bytes))
        return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, Number(address)))
      } finally {
        closeSync(fd)
      }
    },
  },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
