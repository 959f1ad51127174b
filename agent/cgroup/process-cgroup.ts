/**
 * The cgroup of a process.
 *
 * Source: /proc/PID/cgroup, one line a hierarchy: `4:memory:/docker/4f…`, v2 `0::/system.slice/…`
 */
import { isRefusal, type KernelFiles } from '../read/files.ts'
import type { Layout } from './mode.ts'

/**
 * Path below the mount, `/` for the root; undefined for a process that is gone, may not be read or
 * lies in no cgroup we can see. On v1 the path in the tree of the memory controller.
 */
export function cgroupOf(files: KernelFiles, layout: Layout, pid: number): string | undefined {
  const text = readCgroup(files, pid)
  return text === undefined ? undefined : parseProcessCgroup(text, layout)
}

function readCgroup(files: KernelFiles, pid: number): string | undefined {
  try {
    return files.readText(`${files.paths.procfs}/${pid}/cgroup`)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

export function parseProcessCgroup(text: string, layout: Layout): string | undefined {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    for (const controller of controllers?.split(',') ?? []) paths.set(controller, path!)
  }
  const [first] = layout.hierarchies
  const path = first === undefined ? undefined : paths.get(first.controllers[0] ?? '')
  // Seen from inside a cgroup namespace, what lies outside begins with `/..`.
  return path?.startsWith('/..') ? undefined : path
}
