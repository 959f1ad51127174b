/** Rules that were thought of and are not shipped, each with what keeps it from being proven. */
export interface NotShipped {
  readonly id: string
  readonly title: string
  readonly reason: string
}

export const notShipped: readonly NotShipped[] = []
