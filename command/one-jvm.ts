/** All that can be known of one JVM without asking it: what the agent reads, at its deepest. */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { apart } from '../agent/apart/apart.ts'
import { factsOf, figuresOf } from '../agent/runtime/common.ts'
import { WITHOUT_DEEP } from '../agent/runtime/jvm/deep-look.ts'
import { Jvms } from '../agent/runtime/jvm/jvms.ts'
import type { Said, Seen } from '../agent/runtime/kind.ts'
import { readMaps } from '../agent/runtime/maps.ts'
import { isGone, parseProcessStat, TICK_MS } from '../agent/runtime/process.ts'
import { exeOf, readProgram } from '../agent/runtime/program.ts'
import { readTasks } from '../agent/runtime/tasks.ts'
import type { ErrorCode } from '../catalog/error.ts'

/** Looking into its memory takes some ms, and searching its library a few passes. */
const LOOK_MS = 3_000
const PASS_MS = 20

export class NotAJvm extends Error {
  override readonly name = 'NotAJvm'
  readonly code: ErrorCode = 'ERR_NOT_A_JVM'
}

export interface OneJvm extends Pick<Said, 'facts' | 'figures' | 'collectors'> {
  readonly pid: number
  readonly startMs: number
  readonly startTicks: number
  /** Why less is known than could be. */
  readonly unread?: string
}

/** Throws NotAJvm. */
export async function readOneJvm(procfs: string, pid: number): Promise<OneJvm> {
  const jvms = new Jvms(procfs, apart)
  try {
    const seen = see(procfs, pid)
    const { startMs, startTicks } = seen.process
    const said = await listen(jvms, seen)
    return {
      pid,
      startMs,
      startTicks,
      facts: { ...factsOf(seen), ...said.facts },
      figures: { ...figuresOf(procfs, seen), ...said.figures },
      collectors: said.collectors ?? [],
      ...(said.unread && { unread: said.unread.reason }),
    }
  } catch (err) {
    if (isGone(err)) throw new NotAJvm(`there is no process ${pid}`, { cause: err })
    const { code } = err as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw err
    const why = process.geteuid?.() === 0 ? ': the kernel protects it, even from root' : ''
    throw new NotAJvm(`process ${pid} may not be looked into${why}`, { cause: err })
  } finally {
    jvms.forget(pid)
  }
}

/** Asks again until its memory was read and its library searched, or that takes too long. */
async function listen(jvms: Jvms, seen: Seen): Promise<Said> {
  const { pid, startMs } = seen.process
  const untilMs = Date.now() + LOOK_MS
  for (;;) {
    // A person who asks knows whether it still starts.
    const said = jvms.read([seen], Math.max(Date.now(), startMs + LATER_MS)).get(pid)
    if (said === undefined) throw new NotAJvm(`process ${pid} has ended`)
    if (isWhole(said) || Date.now() >= untilMs) return said
    await wait(PASS_MS)
  }
}

const LATER_MS = 60_000
const DEEP_REASONS = new Set<string>(Object.values(WITHOUT_DEEP))

function isWhole({ facts, figures, unread }: Said): boolean {
  if (facts?.['candor.jvm.capabilities'] === undefined) return false
  if (unread !== undefined && DEEP_REASONS.has(unread.reason)) return true
  const flags = facts['candor.jvm.flags.final']
  // Counters in its memory come one pass later than its flags.
  const hasCounters = figures?.['threads'] !== undefined || /^UsePerfData=false/m.test(flags ?? '')
  return flags !== undefined && hasCounters
}

function see(procfs: string, pid: number): Seen {
  const folder = `${procfs}/${pid}`
  const stat = parseProcessStat(readFileSync(`${folder}/stat`, 'latin1'))
  const exe = exeOf(folder)
  const maps = readMaps(`${folder}/maps`, exe)
  if (maps.machine === undefined)
    throw new NotAJvm(`process ${pid} (${stat.comm}) has no libjvm.so mapped`)
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync(`${procfs}/stat`, 'latin1'))?.[1])
  const process = {
    ...stat,
    pid,
    startMs: bootSeconds * 1_000 + stat.startTicks * TICK_MS,
    kind: 'jvm' as const,
    exe,
    looks: 1,
    maps,
  }
  return {
    process,
    program: readProgram(procfs, pid, 'jvm', maps),
    tasks: readTasks(procfs, pid),
    children: [],
    isWorker: false,
  }
}
