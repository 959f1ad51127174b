import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of this process, user and system, in ms. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU time of all threads of a process, in ms: field 1 of schedstat is ns on the CPU. */
export const threadsCpuMs = (pid: number): number => schedstat(pid, 0)

/** Time that its threads could have run in and did not, since others ran, in ms: field 2. */
export const threadsWaitMs = (pid: number): number => schedstat(pid, 1)

/** CPU time by the name of its threads, in ms; those that have ended since are missing. */
export function cpuMsByThread(pid: number): Map<string, number> {
  const byName = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const of = `/proc/${pid}/task/${thread}`
    const name = readFileSync(`${of}/comm`, 'utf8').trimEnd()
    const ms = Number(readFileSync(`${of}/schedstat`, 'utf8').split(' ')[0]) / 1e6
    byName.set(name, (byName.get(name) ?? 0) + ms)
  }
  return byName
}

function schedstat(pid: number, field: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[field])
  }
  return ns / 1e6
}
