/** Tells a fleet in another process what to do. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { FleetSettings, Order, Recovered, Told } from './fleet-process.ts'

export interface RunningFleet {
  readonly pid: number
  resize(machines: number): Promise<void>
  tell(): Promise<Told>
  restart(withinMs: number): Promise<Recovered>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startFleet(settings: FleetSettings): Promise<RunningFleet> {
  const child = fork(new URL('fleet-process.ts', import.meta.url), [JSON.stringify(settings)])
  await once(child, 'message')
  return {
    pid: child.pid!,
    resize: async (machines) => void (await ask(child, { do: 'resize', machines })),
    tell: () => ask<Told>(child, { do: 'tell' }),
    restart: (withinMs) => ask<Recovered>(child, { do: 'restart', withinMs }),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function ask<T>(child: ChildProcess, order: Order): Promise<T> {
  const answered = once(child, 'message')
  child.send(order)
  const [answer] = (await answered) as [T]
  return answer
}
