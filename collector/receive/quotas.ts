/** How much each caller and its tenant may have in flight, and send: what is more is refused with 429. */
import { limits } from '../../catalog/limit.ts'
import type { Caller } from '../access/access.ts'
import { InFlight } from '../access/in-flight.ts'
import { PointRate } from '../access/point-rate.ts'
import type { Answer } from '../web/answer.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { ReceiveError } from './receive-error.ts'

/** A point of most senders, with its part of what stands around it. */
const UNREAD_POINT_BYTES = 64

export class Quotas {
  readonly #own: OwnMetrics
  readonly #rate = new PointRate()
  /** Whose body is read or whose rows are being stored. */
  readonly #requests: InFlight
  /** Bodies, as sent and as inflated, until they are rows; and rows, until they are stored. */
  readonly #bytes: InFlight

  /** Where there is one tenant, it may have all. */
  constructor(own: OwnMetrics, hasTenants: boolean) {
    this.#own = own
    const multiple = hasTenants ? limits.tenantShare.value : Infinity
    this.#requests = new InFlight(limits.requestsInFlight.value, multiple)
    this.#bytes = new InFlight(limits.inflightBytes.value, multiple)
  }

  /** In flight, of all tenants. */
  get requests(): number {
    return this.#requests.total
  }

  /** In flight, of all tenants. */
  get bytes(): number {
    return this.#bytes.total
  }

  /** Lets a request begin, which has to end then; or throws ReceiveError. */
  begin({ name, tenant, allowed }: Caller, reply: Answer): void {
    const waitMs = this.#rate.waitMs(name, allowed.pointsPerSecond, performance.now())
    if (waitMs > 0) {
      reply.header('retry-after', Math.ceil(waitMs / 1_000))
      this.#own.inc('tenantRefused', { tenant, reason: 'tokenPointsPerSecond' })
      const most = `${allowed.pointsPerSecond} points a second`
      throw new ReceiveError('ERR_RATE_LIMITED', `the token "${name}" may send ${most}`)
    }
    if (this.#requests.hold(tenant, 1)) return
    this.#own.inc('tenantRefused', { tenant, reason: 'requestsInFlight' })
    throw new ReceiveError('ERR_OVERLOADED', 'too many requests in flight')
  }

  end({ tenant }: Caller): void {
    this.#requests.release(tenant, 1)
  }

  /** Throws ReceiveError, and nothing is held, where that is too much. */
  hold({ tenant }: Caller, bytes: number): void {
    if (this.#bytes.hold(tenant, bytes)) return
    this.#own.inc('tenantRefused', { tenant, reason: 'inflightBytes' })
    throw new ReceiveError('ERR_OVERLOADED', 'too many bytes in flight')
  }

  release({ tenant }: Caller, bytes: number): void {
    this.#bytes.release(tenant, bytes)
  }

  /** Counts a body that could not be read: it took as much time as one of as many points as it could hold. */
  countUnread({ name, allowed }: Caller, bodyBytes: number): void {
    const points = Math.ceil(bodyBytes / UNREAD_POINT_BYTES)
    this.#rate.count(name, allowed.pointsPerSecond, points, performance.now())
  }

  /**
   * Counts what a request was, until it is stored or is not. It is there already: who has more than its
   * share is refused what it sends next.
   */
  count(
    { name, tenant, allowed }: Caller,
    { points, bytes }: { readonly points: number; readonly bytes: number },
    stored: Promise<void>,
  ): void {
    this.#rate.count(name, allowed.pointsPerSecond, points, performance.now())
    this.#bytes.add(tenant, bytes)
    const release = () => this.#bytes.release(tenant, bytes)
    stored.then(release, release)
  }
}
