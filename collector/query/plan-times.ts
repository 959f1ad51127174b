/** Where windows and the steps of subqueries lie. */
import { stepsOf, type Grid } from './grid/grid.ts'
import { windowsOf, type Windows } from './grid/range/windows.ts'

/** Windows of the steps of `grid`, which lie where `moved` says; all at one place where that has one step. */
export function windowsAt(grid: Grid, moved: Grid, rangeMs: number): Windows {
  const steps = stepsOf(grid)
  const windows = windowsOf(moved, rangeMs)
  return windows.steps === steps ? windows : { ...windows, strideMs: 0, steps }
}

/** All multiples of the step that lie in a window. */
export function subqueryGrid(outer: Grid, rangeMs: number, stepMs: number): Grid {
  const after = outer.startMs - rangeMs
  return { startMs: (Math.floor(after / stepMs) + 1) * stepMs, endMs: outer.endMs, stepMs }
}
