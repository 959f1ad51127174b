/**
 * Work over many values in pieces: some series at a time, or some steps. Each step stands for itself in all of
 * PromQL, so the pieces put together are the whole.
 */
import type { GridSeries } from './grid/grid.ts'
import type { Pace } from './pace.ts'

export class Slices {
  readonly #pace: Pace
  readonly #values: number

  /** So many values at a time. */
  constructor(pace: Pace, values: number) {
    this.#pace = pace
    this.#values = values
  }

  /** Of each series alone. */
  async bySeries(
    series: readonly GridSeries[],
    of: (some: readonly GridSeries[]) => readonly GridSeries[],
  ): Promise<readonly GridSeries[]> {
    const length = Math.max(1, Math.floor(this.#values / (series[0]?.values.length ?? 1)))
    await this.breathe()
    if (series.length <= length) return of(series)
    const found: GridSeries[] = []
    for (let from = 0; from < series.length; from += length) {
      for (const one of of(series.slice(from, from + length))) found.push(one)
      await this.breathe()
    }
    return found
  }

  /** Of all series together, of which there are so many at each step. */
  async bySteps(
    steps: number,
    series: number,
    of: (from: number, to: number) => readonly GridSeries[],
  ): Promise<readonly GridSeries[]> {
    const length = Math.max(1, Math.floor(this.#values / Math.max(1, series)))
    await this.breathe()
    if (steps <= length) return of(0, steps)
    const found = new Map<string, GridSeries>()
    for (let from = 0; from < steps; from += length) {
      for (const part of of(from, Math.min(steps, from + length))) {
        const key = `${part.dropsName} ${part.labels.key}`
        let whole = found.get(key)
        if (whole === undefined) {
          const { labels, dropsName } = part
          const values = new Float64Array(steps)
          whole = { labels, dropsName, values, present: new Uint8Array(steps) }
          found.set(key, whole)
        }
        whole.values.set(part.values, from)
        whole.present.set(part.present, from)
      }
      await this.breathe()
    }
    return [...found.values()]
  }

  /** Lets others have a turn when it is due. */
  async breathe(): Promise<void> {
    if (this.#pace.isDue) await this.#pace.turn()
  }
}

/** The steps from one up to another, of the same memory. */
export function cut(
  series: readonly GridSeries[],
  from: number,
  to: number,
): readonly GridSeries[] {
  if (from === 0 && (series[0] === undefined || series[0].values.length === to)) return series
  return series.map((one) => ({
    ...one,
    values: one.values.subarray(from, to),
    present: one.present.subarray(from, to),
  }))
}
