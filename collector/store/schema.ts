/**
 * The shapes of the tables that receiving fills: of typed tables out of the catalogue, of the others by
 * hand. ddl.ts prints the tables themselves.
 *
 * Typed tables are AggregatingMergeTree: rows with the same key become one that has of every column the
 * last value that is not NULL. A pass that is sent twice is one row, and so is one whose columns came in
 * several requests. Queries say FINAL, or use figures that a doubled row does not change. CoalescingMergeTree
 * does the same, and takes eight times as long to merge: 2.7 CPU seconds for a million samples. A store
 * of the first version keeps it.
 *
 * Parts are one file until they are large: a file a column costs an insert more than all else.
 */
import type { Table } from '../../catalog/metric.ts'
import { id, map, number, numbers, type Shape, text, time, value } from './shape.ts'

/** Columns of a typed table: these three, one a key, one a metric. */
const LEADING = [text('tenant'), id('entity'), time('ts')]

export const typedShape = ({ name, keys, metrics }: Table): Shape => ({
  table: name,
  columns: [
    ...LEADING,
    ...keys.map(({ label }) => text(label)),
    ...metrics.map(({ column }) => number(column)),
  ],
})

/** Position of the first metric in a typed shape. */
export const firstMetric = ({ keys }: Table): number => LEADING.length + keys.length

export const entityShape: Shape = {
  table: 'entity',
  columns: [
    text('tenant'),
    text('kind'),
    id('entity'),
    map('attributes'),
    time('first_seen'),
    time('last_seen'),
    number('ended_ms'),
  ],
}
export const seriesShape: Shape = {
  table: 'series',
  columns: [
    text('tenant'),
    id('series'),
    text('name'),
    text('kind'),
    map('labels'),
    time('first_seen'),
    time('last_seen'),
  ],
}
export const factShape: Shape = {
  table: 'fact',
  columns: [
    text('tenant'),
    text('workload'),
    text('name'),
    id('entity'),
    time('since'),
    text('kind'),
    text('value'),
  ],
}
export const pointShape: Shape = {
  table: 'point',
  columns: [text('tenant'), id('series'), time('ts'), value('value')],
}

/** Position of the values in `pointShape`. */
export const POINT_VALUE = 3
export const histogramShape: Shape = {
  table: 'histogram',
  columns: [
    text('tenant'),
    id('series'),
    time('ts'),
    value('count'),
    number('sum'),
    value('scale'),
    value('zero_threshold'),
    value('zero_count'),
    numbers('positive_buckets'),
    numbers('positive_counts'),
    numbers('negative_buckets'),
    numbers('negative_counts'),
  ],
}
