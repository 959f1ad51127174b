/** Series as one line of a test writes them. */
import type { GridSeries } from '../../../../collector/query/grid/grid.ts'
import { Labels } from '../../../../collector/query/grid/labels.ts'

type Value = number | null

/** `a!{x=1,y=2}` with a value a step, null where there is none; `!` is a name that is to be dropped. */
export function s(text: string, ...values: readonly Value[]): GridSeries {
  const [, name, drops, inside] = /^([^!{]*)(!?)(?:\{(.*)\})?$/s.exec(text)!
  const pairs = (inside ?? '').split(',').filter((pair) => pair !== '')
  const labels = pairs.map((pair) => pair.split('=') as [string, string])
  return {
    labels: Labels.of([['__name__', name!], ...labels]),
    dropsName: drops === '!',
    values: Float64Array.from(values, (value) => value ?? 4711),
    present: Uint8Array.from(values, (value) => (value === null ? 0 : 1)),
  }
}

/** The same way round. */
export const shown = (series: readonly GridSeries[]): [string, ...Value[]][] =>
  series.map(({ labels, dropsName, values, present }) => {
    const { __name__: name = '', ...rest } = labels.toObject()
    const inside = Object.entries(rest).map(([label, value]) => `${label}=${value}`)
    const text = `${name}${dropsName ? '!' : ''}${inside.length === 0 ? '' : `{${inside.join(',')}}`}`
    return [text, ...Array.from(values, (value, i) => (present[i] === 1 ? value : null))]
  })
