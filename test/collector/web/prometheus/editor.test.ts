/**
 * The editor of Prometheus' own page, which others have built in as well: what it offers while PromQL is typed,
 * asked of a collector that holds the run of a real agent.
 */
import { createRequire } from 'node:module'
import type * as Autocomplete from '@codemirror/autocomplete' with { 'resolution-mode': 'require' }
import type * as State from '@codemirror/state' with { 'resolution-mode': 'require' }
import type * as Promql from '@prometheus-io/codemirror-promql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ours, startOurs } from '../../query/oracle/ours.ts'
import { RECORDED, recordedBodies } from '../../query/oracle/recording.ts'

// One copy of the editor, of which PromQL's part is no ECMAScript module.
const load = createRequire(import.meta.url)
const { CompletionContext } = load('@codemirror/autocomplete') as typeof Autocomplete
const { EditorState } = load('@codemirror/state') as typeof State
const { LanguageType, newCompleteStrategy, promQLLanguage } = load(
  '@prometheus-io/codemirror-promql',
) as typeof Promql

let collector: Ours

beforeAll(async () => {
  collector = await startOurs(recordedBodies(), [], RECORDED.endMs)
})
afterAll(() => collector[Symbol.asyncDispose]())

describe.each(['GET', 'POST'] as const)('by %s', (httpMethod) => {
  /** What is offered where `|` stands; what the language itself has is left out. */
  const offered = async (typed: string) => {
    const failures: unknown[] = []
    const httpErrorHandler = (error: unknown) => void failures.push(error)
    const strategy = newCompleteStrategy({
      remote: { url: collector.url, httpMethod, httpErrorHandler },
    })
    const [before, after] = typed.split('|') as [string, string]
    const state = EditorState.create({
      doc: before + after,
      extensions: [promQLLanguage(LanguageType.PromQL)],
    })
    const found = await strategy.promQL(new CompletionContext(state, before.length, true))
    strategy.destroy?.()
    expect(failures).toEqual([])
    return found!.options.filter(({ type }) => type === 'constant' || type === 'text')
  }
  const f = (typed: string, ...want: string[]) =>
    test(`${typed}: ${want.join(' ')}`, async () =>
      expect((await offered(typed)).map(({ label }) => label)).toEqual(want))

  f('node_cpu_seconds_total{|}', 'cpu', 'instance', 'job', 'mode')
  f('sum by (|) (node_load1)', 'instance', 'job')
  f('node_load1{instance="|"}', 'vm')
  f(
    'rate(node_cpu_seconds_total{mode=~"|"}[5m])',
    ...'idle iowait irq nice softirq steal system user'.split(' '),
  )
  f('no_such_metric{|}')

  test('names of metrics, with what they are', async () => {
    const names = new Map((await offered('node_loa|')).map((each) => [each.label, each]))
    expect(names.get('node_load1')).toMatchObject({
      detail: 'gauge',
      info: expect.stringContaining('Load average') as string,
    })
    expect(names.get('node_cpu_seconds_total')).toMatchObject({ detail: 'counter' })
  })
})
