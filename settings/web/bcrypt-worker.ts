/** Compares passwords with bcrypt hashes, one after the other, in a thread of its own. */
import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

export interface Comparison {
  readonly password: string
  readonly hash: string
}

parentPort!.on('message', ({ password, hash }: Comparison) => {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort!.postMessage(compareSync(password, hash))
})
