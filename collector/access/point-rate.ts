/**
 * How many points a second each token may send. A request is taken whole when its token is not in
 * debt, and its points are counted when they are known: a body need not be read to be refused.
 */
import { limits } from '../../catalog/limit.ts'

/** Of one token: points that it may still send, less than 0 when it has sent too many. */
interface Account {
  points: number
  atMs: number
}

export class PointRate {
  readonly #accounts = new Map<string, Account>()

  /** Time until a request of the token is taken; 0 when it may come now. */
  waitMs(token: string, pointsPerSecond: number, nowMs: number): number {
    if (pointsPerSecond === Infinity) return 0
    const { points } = this.#account(token, pointsPerSecond, nowMs)
    return points > 0 ? 0 : Math.max(1, (-points / pointsPerSecond) * 1_000)
  }

  count(token: string, pointsPerSecond: number, points: number, nowMs: number): void {
    if (pointsPerSecond === Infinity) return
    this.#account(token, pointsPerSecond, nowMs).points -= points
  }

  #account(token: string, pointsPerSecond: number, nowMs: number): Account {
    const most = (pointsPerSecond * limits.tokenBurstMs.value) / 1_000
    let account = this.#accounts.get(token)
    if (account === undefined) {
      // A full account is what one that is not there is.
      for (const [other, { atMs }] of this.#accounts) {
        if (nowMs - atMs > limits.tenantIdleMs.value) this.#accounts.delete(other)
      }
      this.#accounts.set(token, (account = { points: most, atMs: nowMs }))
    }
    const earned = (pointsPerSecond * Math.max(0, nowMs - account.atMs)) / 1_000
    account.points = Math.min(most, account.points + earned)
    account.atMs = nowMs
    return account
  }
}
