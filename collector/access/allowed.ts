/** What who has a token may add. */
export interface Allowed {
  readonly pointsPerSecond: number
  /** Of the whole tenant, lately. */
  readonly series: number
  readonly entities: number
}

/** Without tokens. */
export const UNBOUNDED: Allowed = {
  pointsPerSecond: Infinity,
  series: Infinity,
  entities: Infinity,
}
