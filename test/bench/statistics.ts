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

function schedstat(pid: number, field: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[field])
  }
  return ns / 1e6
}
