/** A network between two ports of this machine that is slow, and breaks off in the middle. */
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface SlowNetwork {
  readonly port: number
  /** Every connection ends with a reset, now. */
  reset(): void
  /** From now on every connection does. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}

/** Bytes go in pieces of `pieceBytes`, each `delayMs` after the last. */
export async function slowNetwork(
  toPort: number,
  pieceBytes: number,
  delayMs: number,
): Promise<SlowNetwork> {
  const sockets = new Set<net.Socket>()
  const keep = (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const trickle = async (from: net.Socket, to: net.Socket) => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        await wait(delayMs)
        to.write(chunk.subarray(at, at + pieceBytes))
      }
    }
    to.end()
  }
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  let isCut = false
  const server = net.createServer((near) => {
    if (isCut) {
      near.resetAndDestroy()
      return
    }
    const far = net.connect(toPort, '127.0.0.1')
    for (const socket of [near, far]) keep(socket)
    const broken = () => {
      near.destroy()
      far.destroy()
    }
    trickle(near, far).catch(broken)
    trickle(far, near).catch(broken)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    reset,
    cut: () => {
      isCut = true
      reset()
    },
    mend: () => {
      isCut = false
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
