/**
 * The two text formats of Prometheus: what differs between them is the head of a family and the end.
 *
 *   0.0.4:        `# HELP name help` `# TYPE name counter|gauge|untyped`
 *   OpenMetrics:  `# HELP family help` `# TYPE family counter|gauge|unknown`, `# EOF` at the end;
 *                 a counter's family has the name of its samples without their `_total`
 *
 * Names of samples are the same in both. A counter of node_exporter or cAdvisor without `_total` is
 * therefore `unknown` in OpenMetrics, which is legal, where a `counter` would need another name.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 *         https://prometheus.io/docs/specs/om/open_metrics_spec/
 */

export type Format = 'text' | 'openmetrics'

export const FORMATS = {
  text: { type: 'text/plain; version=0.0.4; charset=utf-8', end: Buffer.alloc(0) },
  openmetrics: {
    type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    end: Buffer.from('# EOF\n'),
  },
} as const satisfies Record<Format, { readonly type: string; readonly end: Buffer }>

export interface FamilyHead {
  readonly prom: string
  readonly kind: string
  readonly help: string
}

const TOTAL = '_total'

/** Name of a counter's family in OpenMetrics; empty where there can be none. */
export const stemOf = (prom: string): string =>
  prom.endsWith(TOTAL) ? prom.slice(0, -TOTAL.length) : ''

/** `isTaken` says whether another family has this very name. */
export function headOf(
  { prom, kind, help }: FamilyHead,
  format: Format,
  isTaken: (name: string) => boolean,
): Buffer {
  if (format === 'text') {
    return head(prom, help.replace(/[\\\n]/g, escape), kind === 'unknown' ? 'untyped' : kind)
  }
  const stem = stemOf(prom)
  const text = help.replace(/[\\\n"]/g, escape)
  if (kind === 'counter' && stem !== '' && !isTaken(stem)) return head(stem, text, kind)
  return head(prom, text, kind === 'counter' || kind === 'untyped' ? 'unknown' : kind)
}

const head = (name: string, help: string, type: string): Buffer =>
  Buffer.from(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)

export type Labels = readonly (readonly [label: string, value: string])[]

/** With the space that stands before the number; sorted by name, as the exporters of the field do. */
export function formatLabels(labels: Labels): string {
  const present = labels.filter(([, value]) => value !== '')
  if (present.length === 0) return ' '
  const pairs = present
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value.replace(/[\\"\n]/g, escape)}"`)
  return `{${pairs.join(',')}} `
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
